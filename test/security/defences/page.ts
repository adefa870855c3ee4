import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../architecture/imports.ts';

/** A row of docs/security.md: what an attacker cannot do, and the test that shows it. */
export interface DefenceRow {
  readonly cannot: string;
  readonly file: string;
  readonly name: string;
}

const ROW = /^\| (.+?) +\| `(test\/[\w/.-]+\.test\.ts)` › (.+?) +\|$/gm;

export const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

export const cannots: readonly DefenceRow[] = [...page.matchAll(ROW)].map(([, cannot = '', file = '', name = '']) => ({
  cannot,
  file,
  name,
}));
