import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Jwks } from './schema.ts';

/** A key of receipts. A retired one has only its public part: it verifies old receipts and signs no new one. */
export interface ReceiptKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject | null;
}

/** The length of an Ed25519 key, private or public, in bytes (RFC 8032). */
export const KEY_BYTES = 32;

/** The DER prefix of an Ed25519 private key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Creates the key pair of a private Ed25519 key of 32 bytes. */
export function keyPairOf(id: string, seed: Buffer): ReceiptKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  return { id, privateKey, publicKey: createPublicKey(privateKey) };
}

/** Creates a retired key from the 32 bytes of its public part. */
export function retiredKeyOf(id: string, bytes: Buffer): ReceiptKey {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
  return { id, privateKey: null, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

/** The public parts of keys, as a JSON Web Key Set. */
export function jwksOf(keys: readonly ReceiptKey[]): Jwks {
  return {
    keys: keys.map(({ id, publicKey }) => {
      const { kty = '', crv = '', x = '' } = publicKey.export({ format: 'jwk' });
      return { kty, crv, x, kid: id, alg: 'EdDSA', use: 'sig' };
    }),
  };
}
