import { createHash, timingSafeEqual } from 'node:crypto';

export const roles = ['app', 'viewer', 'operator'] as const;
export type Role = (typeof roles)[number];

/** A bearer token as the gateway knows it: by its digest alone. */
export interface Token {
  readonly role: Role;
  /** Who holds it; stands in the timeline and in the audit log. */
  readonly name: string;
  /** SHA-256. */
  readonly digest: Buffer;
}

export const digestOf = (token: string) => createHash('sha256').update(token).digest();

/** Finds the holder of a presented token. Every known one is compared, each in constant time. */
export function holderOf(presented: string, tokens: readonly Token[]): Token | undefined {
  return holderOfDigest(digestOf(presented), tokens);
}

/** Finds the holder of a token by its digest, in constant time as well. */
export function holderOfDigest(digest: Buffer, tokens: readonly Token[]): Token | undefined {
  let found: Token | undefined;
  for (const token of tokens)
    if (token.digest.length === digest.length && timingSafeEqual(token.digest, digest)) found ??= token;
  return found;
}

/** An operator may do what a viewer may. */
export function may(role: Role, allowed: readonly Role[]): boolean {
  return allowed.includes(role) || (role === 'operator' && allowed.includes('viewer'));
}
