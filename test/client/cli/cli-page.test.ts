import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { createCliPage } from '../../../client/docs/cli-page.ts';

it('is as the commands are', () => {
  expect(readFileSync('docs/cli.md', 'utf8') === createCliPage() || 'docs/cli.md is stale: run npm run docs').toBe(
    true,
  );
});

it('has an example for every command', () => {
  const sections = createCliPage().split('\n### ').slice(1);
  expect(sections.length).toBeGreaterThan(30);
  expect(sections.filter((section) => !/```console\nonward /.test(section))).toEqual([]);
});
