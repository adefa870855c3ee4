import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './imports.ts';

/**
 * Words that the documentation of Temporal, XState, Fastify, HTTP and OpenTelemetry does not use in these meanings. A reader cannot search for them.
 * Use instead: report, notify, send, show; receive; is, state; endpoint, route; caller, operator, no user; check; again; fix.
 */
const DIALECT =
  /\b(?:tell|tells|telling|told|hear|hears|hearing|heard|stood|stands?|doors?|desks?|knock|knocks|knocked|nobody|whoever|judge|judges|judged|anew|mend|mends|mended|is no)\b/gi;
/** Plain English, which is not counted: "there is no journey", "is no longer", "is no more than", "stands for". */
const PLAIN = /\bthere is no\b|\bis no (?:longer|more than)\b|\bstands? for\b/gi;

const MAX_PER_10_000_WORDS = 1;

const FOLDERS = [
  'workflows',
  'activities',
  'worker',
  'client',
  'sandbox',
  'packages',
  'bench',
  'deploy',
  'docs',
  'test',
];
const TEXT = /\.(?:ts|tsx|mts|js|cjs|css|html|md|yml|yaml|tpl|sh|go)$/;
const THIS_FILE = 'test/architecture/dialect.test.ts';

describe('the language of the repository', () => {
  it('uses at most one word of dialect in 10,000', () => {
    const files = sources().map((path) => ({ path, ...count(readFileSync(join(root, path), 'utf8')) }));
    const words = sum(files.map((file) => file.words));
    const found = files
      .filter((file) => file.dialect.length > 0)
      .toSorted((a, b) => b.dialect.length - a.dialect.length);
    const rate = (sum(found.map((file) => file.dialect.length)) * 10_000) / words;
    const report = found.map(({ path, dialect }) => `${dialect.length} ${path}: ${dialect.join(', ')}`).join('\n');
    expect(rate <= MAX_PER_10_000_WORDS || `${rate.toFixed(1)} per 10,000 of ${words} words\n${report}`).toBe(true);
  });

  it('counts words of dialect in prose and inside identifiers', () => {
    expect(count('Nobody is told; it stands anew').dialect).toEqual(['nobody', 'told', 'stands', 'anew']);
    expect(count('tellStatus(openDoors, TOLD_AT)').dialect).toEqual(['tell', 'doors', 'told']);
    expect(count('is no duration').dialect).toEqual(['is no']);
    expect(count('is no longer allowed; there is no standard intellect').dialect).toEqual([]);
  });
});

/** Code, tests, documentation and deployment files, with their comments. */
function sources(): string[] {
  const files = [...FOLDERS.flatMap(walk), ...topPages()];
  return files.filter((path) => TEXT.test(path) && !path.includes('node_modules') && path !== THIS_FILE);
}

function topPages(): string[] {
  return readdirSync(root).filter((name) => name.endsWith('.md'));
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function count(text: string): { words: number; dialect: string[] } {
  const prose = splitIdentifiers(text).replaceAll(PLAIN, ' ');
  return {
    words: prose.match(/\p{L}+/gu)?.length ?? 0,
    dialect: (prose.match(DIALECT) ?? []).map((word) => word.toLowerCase()),
  };
}

/** Writes `openDoors` and `TOLD_AT` as words of their own. */
function splitIdentifiers(text: string): string {
  return text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
