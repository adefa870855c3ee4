import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../encryption.ts';
import { holderOfDigest } from './tokens.ts';
import type { Token } from './tokens.ts';

/** The cookie of a session in a browser. */
export const SESSION = 'onward_session';
/** Seconds. */
export const SESSION_LIFE = 12 * 3_600;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Sessions that no gateway keeps: a cookie holds the digest of the token that was presented and when it ends, sealed under a key
 * that is derived from the encryption keys. All gateways know each other's, and a token that is taken out ends its sessions.
 */
export class Sessions {
  readonly #keys: readonly Buffer[];
  readonly #tokens: readonly Token[];

  /** @param keys newest first */
  constructor(keys: readonly EncryptionKey[], tokens: readonly Token[]) {
    this.#keys = keys.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', 'onward session', 32)));
    this.#tokens = tokens;
  }

  /** The cookie's value. */
  open({ digest }: Token, now = Date.now()): string {
    const [newest] = this.#keys;
    if (newest === undefined) throw new Error('no encryption key was given');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, newest, nonce);
    const ends = Buffer.alloc(8);
    ends.writeBigUInt64BE(BigInt(now + SESSION_LIFE * 1_000));
    const sealed = [nonce, cipher.update(Buffer.concat([ends, digest])), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** Whose session it is; nobody's where it is over, forged or of a token that is known no more. */
  holder(value: string, now = Date.now()): Token | undefined {
    const sealed = Buffer.from(value, 'base64url');
    const plain = this.#keys.map((key) => unseal(sealed, key)).find((found) => found !== undefined);
    if (plain === undefined || plain.readBigUInt64BE() <= BigInt(now)) return undefined;
    return holderOfDigest(plain.subarray(8), this.#tokens);
  }
}

function unseal(sealed: Buffer, key: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
