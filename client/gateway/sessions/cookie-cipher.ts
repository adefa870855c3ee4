import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../../temporal/encryption-codec.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals the values of cookies under keys that are derived from the encryption keys, so that every gateway can open them. */
export class CookieCipher {
  readonly #keys: readonly Buffer[];

  /**
   * @param keys newest first
   * @param purpose what the cookie is for. A value that was sealed for another purpose cannot be opened
   */
  constructor(keys: readonly EncryptionKey[], purpose: string) {
    this.#keys = keys.map(({ key }) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)));
  }

  seal(content: object): string {
    const [newest] = this.#keys;
    if (newest === undefined) throw new Error('an encryption key is required');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, newest, nonce);
    const plain = JSON.stringify(content);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  /** Opens a cookie's value; `undefined` if it was forged or belongs to another purpose. */
  open(value: string): unknown {
    const sealed = Buffer.from(value, 'base64url');
    for (const key of this.#keys) {
      try {
        const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
        const plain = [decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
        return JSON.parse(Buffer.concat(plain).toString());
      } catch {
        // Sealed under another key, or by an earlier release in another form.
      }
    }
    return undefined;
  }
}
