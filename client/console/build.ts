import { cp } from 'node:fs/promises';
import { extname, resolve } from 'node:path';

/** Puts what needs no compiling beside the compiled pages. It is run from the project's own folder. */
const [from, to] = [resolve('client/console/pages'), resolve('dist/client/console/pages')];
await cp(from, to, { recursive: true, filter: (file) => extname(file) !== '.ts' });
