import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from '../../architecture/imports.ts';
import { defences, withoutDefence } from './catalogue.ts';
import { cannots, page } from './page.ts';

it('has an existing test for every "cannot" of docs/security.md', () => {
  const missing = cannots.filter(({ file, name }) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
  });
  expect(missing).toEqual([]);
});

it('names a test in every row of docs/security.md', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('|') && !/^\| (can|cannot|-)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows).toHaveLength(cannots.length);
});

it('knows for every "cannot" the defence to take out, or why there is none', () => {
  const known = [...Object.keys(defences), ...Object.keys(withoutDefence)];
  expect(known.toSorted()).toEqual(cannots.map(({ cannot }) => cannot).toSorted());
});

it('finds every defence once in its file', () => {
  const found = Object.entries(defences).flatMap(([cannot, edits]) => {
    if (edits.length === 0) return [`${cannot}: nothing is taken out`];
    return edits.flatMap(({ file, from, to }) => {
      const count = readFileSync(join(root, file), 'utf8').split(from).length - 1;
      return count === 1 && from !== to ? [] : [`${cannot}: ${file} has it ${count} times: ${from}`];
    });
  });
  expect(found).toEqual([]);
});
