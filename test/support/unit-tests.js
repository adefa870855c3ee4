import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** Modules that start a server, a browser or another process, or take long for another reason. */
const outside =
  /^(node:child_process|playwright-core|@temporalio\/(worker|testing)|.*\/(compile|reachability|explore)\.ts)$/;

/** The test files that need nothing but this process: all that they import, and what that imports, is looked through. */
export function unitTests() {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(root, 'test', file))
    .filter(isUnit);
}

const reach = new Map();
function reachesOutside(file) {
  const known = reach.get(file);
  if (known !== undefined) return known;
  reach.set(file, false);
  const found = importsOf(file).some(
    (path) => outside.test(path) || (path.startsWith('.') && reachesOutside(resolve(dirname(file), path))),
  );
  reach.set(file, found);
  return found;
}

const isUnit = (file) => !reachesOutside(file);

/** What a file imports, except for types. */
function importsOf(file) {
  if (!/\.[jt]s$/.test(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)(?! type\b)[^;]*?(?:from )?'([^']+)'/gm)].map(
    ([, path]) => path,
  );
}
