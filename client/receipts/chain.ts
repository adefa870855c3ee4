import { createHash } from 'node:crypto';
import { toCanonicalJson } from './canonical-json.ts';
import type { ChainLink, Statement } from './schema.ts';

/** The journey that the entries are bound to: a chain cannot be moved to another journey. */
type Anchor = Pick<Statement, 'userId' | 'accountType' | 'machineVersion' | 'policy' | 'start'>;

/** The hash before the first entry. */
export function firstHash({ userId, accountType, machineVersion, policy, start }: Anchor): string {
  return hashOf({ userId, accountType, machineVersion, policy, start });
}

/** The hash of an entry, which contains the one before it. */
export function linkHash(before: string, { number, entry }: Omit<ChainLink, 'hash'>): string {
  return hashOf({ before, number, entry });
}

/** Chains entries by their hashes. */
export function createChain(first: string, entries: readonly ChainLink['entry'][]): ChainLink[] {
  let before = first;
  return entries.map((entry, index) => {
    const link = { number: index + 1, entry };
    before = linkHash(before, link);
    return { ...link, hash: before };
  });
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(toCanonicalJson(value)).digest('base64url');
}
