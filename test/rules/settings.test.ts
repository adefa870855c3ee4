import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './imports.ts';

/** Holds the table of docs/operating.md against the variables that the two processes read. */

const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Temporal's own library reads these; the table points to its page. */
const isTemporals = (name: string) => /^TEMPORAL_(ADDRESS|NAMESPACE|API_KEY)$/.test(name);

const namesIn = (text: string) =>
  [...text.matchAll(/\b(?:read|required|port)\(\s*env,\s*'([A-Z][A-Z_0-9]+)'/g)].map(([, name = '']) => name);

/** The functions that read the environment, each with the variables that it reads. */
const readers = ['client/environment.ts', 'client/gateway/settings.ts'].flatMap((path) =>
  read(path)
    .split(/^export (?=function)/m)
    .map((text) => ({ name: /^function (\w+)/.exec(text)?.[1] ?? '', names: namesIn(text) })),
);

/** What a process reads: in its entry point, and by the functions that this calls. */
function variablesOf(entry: string): string[] {
  const text = read(entry);
  const called = readers.filter(({ name }) => new RegExp(`\\b${name}\\(env\\b`).test(text));
  return [...namesIn(text), ...called.flatMap(({ names }) => names)].filter((name) => !isTemporals(name));
}

const processes = { gateway: variablesOf('client/gateway/main.ts'), worker: variablesOf('worker/main.ts') };

function readBy(name: string): string {
  const by = Object.entries(processes).flatMap(([process, names]) => (names.includes(name) ? [process] : []));
  return by.length === 2 ? 'both' : (by[0] ?? 'nobody');
}

const [, section = ''] = read('docs/operating.md').split('\n## Settings\n');
const [table = ''] = section.split('\n\nEvery secret');
const told = [...table.matchAll(/^\| (`[^|]+) \| +(\w+) /gm)]
  .flatMap(([, names = '', process = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => ({ name, process })),
  )
  .filter(({ name }) => !isTemporals(name));

it('has every variable that a process reads, and none that nobody reads', () => {
  const known = new Set(Object.values(processes).flat());
  expect(known.size).toBeGreaterThan(15);
  expect(told.map(({ name }) => name).toSorted()).toEqual([...known].toSorted());
});

it('says of each which process reads it', () => {
  expect(told).toEqual(told.map(({ name }) => ({ name, process: readBy(name) })));
});
