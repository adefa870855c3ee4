import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '../rules/imports.ts';
import { proofsDocument } from './document.ts';
import type { Proofs } from './document.ts';
import { mutations } from './mutations.ts';
import { properties } from './properties.ts';
import { catches, prove } from './prove.ts';
import { goals } from './reach.ts';

let proofs: Proofs;
beforeAll(() => {
  proofs = { ...prove(), seen: catches() };
});

const names = [...properties, ...goals].map(({ name }) => name);

describe('every state that a journey can come to', () => {
  it.each(names)('keeps the promise: %s', (name) => {
    const finding = proofs.findings.find((each) => each.name === name);
    expect(finding?.checked).toBeGreaterThan(50);
    expect(finding?.broken).toBeUndefined();
  });
});

describe('a machine that breaks a promise', () => {
  it('is there for every one', () => {
    expect(new Set(mutations.map(({ breaks }) => breaks))).toEqual(new Set(names));
  });

  it.each(mutations)('breaks "$breaks" and is caught, where $what', (mutation) => {
    expect(proofs.seen.find((each) => each.mutation === mutation)?.way).toBeDefined();
  });
});

describe('docs/proofs.md', () => {
  it('is what was found', () => {
    const written = readFileSync(join(root, 'docs/proofs.md'), 'utf8') === proofsDocument(proofs);
    expect(written || 'docs/proofs.md is not what was found: run npm run docs').toBe(true);
  });
});
