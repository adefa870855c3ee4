import { resolve } from 'node:path';

/** Contains a folder for each released version, with one history for each path. */
export const historiesFolder = resolve('test/histories');
