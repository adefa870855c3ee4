import { writeFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { proofsDocument } from './page.ts';
import { checkMutations, prove } from './check-properties.ts';

/** `npm run proofs`: writes `docs/proofs.md`. */
it('writes docs/proofs.md', async () => {
  const proofs = { ...prove(), mutationResults: checkMutations() };
  await writeFile('docs/proofs.md', proofsDocument(proofs));
  expect(proofs.findings.filter(({ counterexample }) => counterexample !== undefined)).toEqual([]);
}, 1_800_000);
