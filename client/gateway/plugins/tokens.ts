import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../../workflows/journey/roles.ts';

/** The sender of a request: the holder of a token, or a person who has logged in by OpenID Connect. */
export interface Holder {
  readonly role: Role;
  /** Shown in the timeline and in the audit log. */
  readonly name: string;
  /** A pseudonym that stays the same if the person's name changes; absent for a token. */
  readonly personId?: string;
}

/** The form of a holder's name. It excludes contact addresses. */
export const isHolderName = (text: string) => /^[A-Za-z0-9._-]{1,64}$/.test(text);

/** A bearer token. The gateway stores only its digest. */
export interface Token extends Holder {
  /** SHA-256. */
  readonly digest: Buffer;
}

export const digestOf = (token: string) => createHash('sha256').update(token).digest();

/** Finds a token. Compares it with every known one, each in constant time. */
export function findToken(token: string, tokens: readonly Token[]): Token | undefined {
  return findTokenByDigest(digestOf(token), tokens);
}

/** Finds a token by its digest, also in constant time. */
export function findTokenByDigest(digest: Buffer, tokens: readonly Token[]): Token | undefined {
  let found: Token | undefined;
  for (const token of tokens)
    if (token.digest.length === digest.length && timingSafeEqual(token.digest, digest)) found ??= token;
  return found;
}

/** An operator may do what a viewer may. */
export function isAllowed(role: Role, allowed: readonly Role[]): boolean {
  return allowed.includes(role) || (role === 'operator' && allowed.includes('viewer'));
}
