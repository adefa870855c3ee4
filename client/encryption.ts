import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { RECOVERY_SCHEDULE } from '../workflows/recovery/contract.ts';

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
/** Stands inside of what is encrypted: whose the payload is. */
const OWNER = 'owner';
/** The one thing that a server says in the clear, for a call that was cancelled between two tries; no journey reads it. */
const SAID_BY_SERVER = Buffer.from(JSON.stringify('ACTIVITY_ID_NOT_STARTED'));

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/**
 * Encrypts every payload with AES-256-GCM: nonce, ciphertext, tag; the key's id stands beside it and is authenticated.
 *
 * 1. What is not encrypted is refused, but for one word of the server's own: nobody without a key can say anything to a journey.
 * 2. A payload says whose it is, workflow and activity, and is refused elsewhere: none can be put in another's place.
 * 3. Who does not know whose a payload is, such as the codec of Temporal's pages, reads it all the same.
 *
 * @param keys newest first: the first encrypts, all of them decrypt, so a key is rotated by putting a new one in front
 */
export function createEncryption(keys: readonly [EncryptionKey, ...EncryptionKey[]]): PayloadCodec {
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const [newest] = keys;

  const encrypt = (payload: Payload, owner: string | undefined): Payload => {
    const nonce = randomBytes(NONCE_BYTES);
    const keyId = Buffer.from(newest.id);
    const cipher = createCipheriv(ALGORITHM, newest.key, nonce).setAAD(keyId);
    const plain = PayloadMessage.encode(owner === undefined ? payload : owned(payload, owner)).finish();
    const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { [METADATA_ENCODING_KEY]: ENCODING, [KEY_ID]: keyId }, data };
  };

  const decrypt = (payload: Payload, owner: string | undefined): Payload => {
    const { metadata, data } = payload;
    if (SAID_BY_SERVER.equals(data ?? Buffer.alloc(0))) return payload;
    if (!isEncrypted(payload)) throw new ValueError('a payload is not encrypted: it is none of ours');
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
    return disowned(PayloadMessage.decode(plain), owner);
  };

  return {
    encode: async (payloads, context) => payloads.map((payload) => encrypt(payload, ownerOf(context))),
    decode: async (payloads, context) => payloads.map((payload) => decrypt(payload, ownerOf(context))),
  };
}

/** Whether a payload is one that was encrypted. */
export function isEncrypted({ metadata }: Payload): boolean {
  return ENCODING.equals(metadata?.[METADATA_ENCODING_KEY] ?? Buffer.alloc(0));
}

/** Whose a payload is. A Schedule names its runs by their time, and what it hands to them was written before. */
function ownerOf(context: SerializationContext | undefined): string | undefined {
  if (context === undefined) return undefined;
  const { workflowId = '' } = context;
  const workflow = workflowId.startsWith(`${RECOVERY_SCHEDULE}-`) ? RECOVERY_SCHEDULE : workflowId;
  return context.type === 'activity' ? `${workflow} ${context.activityId}` : workflow;
}

function owned({ metadata, data }: Payload, owner: string): Payload {
  return { metadata: { ...metadata, [OWNER]: Buffer.from(owner) }, data: data ?? null };
}

/** The payload as it was given, where it belongs to who reads it. */
function disowned({ metadata, data }: Payload, reader: string | undefined): Payload {
  const { [OWNER]: bytes, ...rest } = metadata ?? {};
  const owner = Buffer.from(bytes ?? []).toString();
  if (reader !== undefined && owner !== reader) {
    throw new ValueError(`a payload of '${owner}' stands where one of '${reader}' belongs`);
  }
  return { metadata: rest, data: data ?? null };
}
