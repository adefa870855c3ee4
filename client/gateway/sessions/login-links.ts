import { randomBytes } from 'node:crypto';
import { digestOf } from '../plugins/tokens.ts';
import type { Token } from '../plugins/tokens.ts';

const CODE_BYTES = 32;
const LIFE_MS = 60 * 60_000;

/** Links for the person at the terminal of this process: each starts one browser session within an hour. Only digests of their codes are stored. */
export class LoginLinks {
  readonly #holders = new Map<string, { readonly holder: Token; readonly until: number }>();

  /** Returns the path of a link that logs in as this holder. */
  create(holder: Token, now = Date.now()): string {
    const code = randomBytes(CODE_BYTES).toString('base64url');
    this.#holders.set(keyOf(code), { holder, until: now + LIFE_MS });
    return `/console/login/${code}`;
  }

  /** Returns the holder that a code logs in; `undefined` if it was used before, has expired, or was not created here. */
  redeem(code: string, now = Date.now()): Token | undefined {
    const key = keyOf(code);
    const found = this.#holders.get(key);
    this.#holders.delete(key);
    return found !== undefined && now < found.until ? found.holder : undefined;
  }
}

const keyOf = (code: string) => digestOf(code).toString('hex');
