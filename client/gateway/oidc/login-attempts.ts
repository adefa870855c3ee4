import { z } from 'zod';
import type { EncryptionKey } from '../../temporal/encryption-codec.ts';
import { CookieCipher } from '../sessions/cookie-cipher.ts';

/** Seconds within which a login at the provider must be completed. */
export const ATTEMPT_TTL_SECONDS = 600;

const LoginAttempt = z.object({
  state: z.string(),
  nonce: z.string(),
  /** The PKCE code verifier. */
  verifier: z.string(),
  /** The path of the console to show after the login. */
  returnTo: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
});
/** A login that has begun: what the response of the provider must match. */
export type LoginAttempt = z.infer<typeof LoginAttempt>;

/**
 * Seals and reads logins that have begun. No gateway stores them: each is in a cookie, which binds it to the browser that began it, and
 * which every gateway can read.
 */
export class LoginAttempts {
  readonly #cipher: CookieCipher;

  constructor(keys: readonly EncryptionKey[]) {
    this.#cipher = new CookieCipher(keys, 'onward oidc login');
  }

  seal(attempt: Omit<LoginAttempt, 'expiresAt'>, now = Date.now()): string {
    return this.#cipher.seal({ ...attempt, expiresAt: now + ATTEMPT_TTL_SECONDS * 1_000 });
  }

  /** Reads the value of a cookie; `undefined` if it has expired or was forged. */
  read(value: string | undefined, now = Date.now()): LoginAttempt | undefined {
    if (value === undefined) return undefined;
    const { data } = LoginAttempt.safeParse(this.#cipher.open(value));
    return data !== undefined && data.expiresAt > now ? data : undefined;
  }
}
