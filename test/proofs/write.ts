import { writeFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { proofsDocument } from './document.ts';
import { catches, prove } from './prove.ts';

/** `npm run proofs`: writes `docs/proofs.md`. */
it('writes docs/proofs.md', async () => {
  const proofs = { ...prove(), seen: catches() };
  await writeFile('docs/proofs.md', proofsDocument(proofs));
  expect(proofs.findings.filter(({ broken }) => broken !== undefined)).toEqual([]);
}, 120_000);
