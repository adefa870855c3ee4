import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

/** A key of 32 bytes and the id by which a payload names it. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ENCODING = Buffer.from('binary/encrypted');
export const KEY_ID = 'encryption-key-id';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/**
 * Encrypts every payload with AES-256-GCM: nonce, ciphertext, tag; the key's id stands beside it and is authenticated.
 *
 * @param keys newest first: the first encrypts, all of them decrypt, so a key is rotated by putting a new one in front
 */
export function createEncryption(keys: readonly [EncryptionKey, ...EncryptionKey[]]): PayloadCodec {
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const [newest] = keys;

  const encrypt = (payload: Payload): Payload => {
    const nonce = randomBytes(NONCE_BYTES);
    const keyId = Buffer.from(newest.id);
    const cipher = createCipheriv(ALGORITHM, newest.key, nonce).setAAD(keyId);
    const plain = PayloadMessage.encode(payload).finish();
    const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { [METADATA_ENCODING_KEY]: ENCODING, [KEY_ID]: keyId }, data };
  };

  const decrypt = (payload: Payload): Payload => {
    const { metadata, data } = payload;
    if (!ENCODING.equals(metadata?.[METADATA_ENCODING_KEY] ?? Buffer.alloc(0))) return payload;
    const keyId = Buffer.from(metadata?.[KEY_ID] ?? []);
    const key = byId.get(keyId.toString());
    if (key === undefined) {
      throw new ValueError(
        `no encryption key '${keyId.toString()}': add it to ONWARD_ENCRYPTION_KEYS, after the newest`,
      );
    }
    const sealed = Buffer.from(data ?? []);
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(keyId)
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return PayloadMessage.decode(plain);
  };

  return {
    encode: async (payloads) => payloads.map(encrypt),
    decode: async (payloads) => payloads.map(decrypt),
  };
}
