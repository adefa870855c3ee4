import { resolve } from 'node:path';

/** A folder for each released version, in it a history of each path. */
export const folder = resolve('test/histories');
