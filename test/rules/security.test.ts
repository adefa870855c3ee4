import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './imports.ts';

const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const named = [...page.matchAll(/`(test\/[\w/.-]+\.test\.ts)` › ([^|]+?) *\|/g)].map(([, file = '', name = '']) => ({
  file,
  name,
}));

it('shows every "cannot" of docs/security.md by a test that exists', () => {
  const missing = named.filter(({ file, name }) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
  });
  expect(missing).toEqual([]);
});

it('names a test in every row of it', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('|') && !/^\| (can|cannot|-)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows).toHaveLength(named.length);
});
