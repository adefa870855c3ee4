import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './imports.ts';

/** Holds the table of docs/operating.md against the variables that the two processes read. */

const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Temporal's own library reads these; the table points to its page. */
const isTemporals = (name: string) => /^TEMPORAL_(ADDRESS|NAMESPACE|API_KEY)$/.test(name);

const namesIn = (text: string) =>
  [...text.matchAll(/\b(?:readVariable|requireVariable|port)\(\s*env,\s*'([A-Z][A-Z_0-9]+)'/g)].map(
    ([, name = '']) => name,
  );

/** The functions that read the environment. */
const readers = [
  'client/config/env.ts',
  'client/config/deployment-environment.ts',
  'client/config/oidc-settings.ts',
  'client/config/provider-settings.ts',
  'client/config/receipt-keys.ts',
  'client/gateway/config.ts',
  'client/gateway/trusted-proxies.ts',
].flatMap((path) =>
  read(path)
    .split(/^(?:export )?(?=function)/m)
    .map((text) => ({ name: /^function (\w+)/.exec(text)?.[1] ?? 'none', text })),
);

/** What a process reads: in its entry point, and by the functions that this calls, directly or not. */
function variablesOf(entry: string): string[] {
  const called = new Set<string>();
  const namesOf = (text: string): string[] => {
    const next = readers.filter(({ name }) => !called.has(name) && new RegExp(`\\b${name}\\(env\\b`).test(text));
    for (const { name } of next) called.add(name);
    return [...namesIn(text), ...next.flatMap((reader) => namesOf(reader.text))];
  };
  return namesOf(read(entry)).filter((name) => !isTemporals(name));
}

const processes = { gateway: variablesOf('client/gateway/main.ts'), worker: variablesOf('worker/main.ts') };

function readBy(name: string): string {
  const by = Object.entries(processes).flatMap(([process, names]) => (names.includes(name) ? [process] : []));
  return by.length === 2 ? 'both' : (by[0] ?? 'neither');
}

const [, section = ''] = read('docs/operating.md').split('\n## Settings\n');
const [table = ''] = section.split('\n\nEvery secret');
const documented = [...table.matchAll(/^\| (`[^|]+) \| +(\w+) /gm)]
  .flatMap(([, names = '', process = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => ({ name, process })),
  )
  .filter(({ name }) => !isTemporals(name));

it('lists every variable that a process reads, and no other', () => {
  const known = new Set(Object.values(processes).flat());
  expect(known.size).toBeGreaterThan(15);
  expect(documented.map(({ name }) => name).toSorted()).toEqual([...known].toSorted());
});

it('names the processes that read each variable', () => {
  expect(documented).toEqual(documented.map(({ name }) => ({ name, process: readBy(name) })));
});
