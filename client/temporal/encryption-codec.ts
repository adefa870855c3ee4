import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { LRUCache } from 'lru-cache';
import { RECONCILIATION_SCHEDULE } from '../../workflows/reconciliation/contract.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';

/** A 32-byte key and the id that payloads reference. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Uint8Array;
}

export interface EncryptionOptions {
  /** Decodes payloads of every namespace. For replays, where the SDK does not provide the namespace and nothing is executed. */
  readonly anyNamespace?: boolean;
  /**
   * Decodes payloads that are not authentic to `undefined`. For workers, whose workflows check the envelope of every payload and
   * reject it; an exception would fail the workflow task repeatedly. A missing key is still thrown, because it is a fault of the
   * deployment.
   */
  readonly foreignAsUndefined?: boolean;
}

/** A payload is not authentic: it was not encrypted by Onward, was modified, or belongs to another workflow. */
export class ForeignPayloadError extends ValueError {}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const ENCODING = Buffer.from('binary/encrypted');
export const KEY_ID = 'encryption-key-id';
/** Authenticated metadata: the owner of the payload. */
export const CONTEXT = 'encryption-context';
/** The unencrypted details that the server writes for an activity cancelled between two attempts. */
const WRITTEN_BY_SERVER = Buffer.from(JSON.stringify('ACTIVITY_ID_NOT_STARTED'));
/** How the payload converters write `undefined`. */
const NOTHING: Payload = { metadata: { [METADATA_ENCODING_KEY]: Buffer.from('binary/null') }, data: null };
/** Size of the cache of derived keys. Deriving one takes about 10 µs. */
const MAX_CACHED_KEYS = 5_000;

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/**
 * Namespace, workflow id, `workflow` or `activity`, and an activity's id; empty if unknown. Encoded as JSON, so that no two owners
 * have the same encoding.
 */
type Owner = readonly string[];

/**
 * Encrypts every payload with AES-256-GCM. The data is nonce, ciphertext and tag; the key id and the owner are authenticated
 * metadata.
 *
 * 1. Unencrypted payloads are rejected, except for one constant of the server, which decodes to `undefined` for activities only.
 * 2. A payload is bound to its namespace, workflow and, if any, activity, and is rejected elsewhere.
 * 3. Each workflow has its own key, derived by HKDF: random nonces with a single key would be safe for only 2^32 payloads.
 * 4. A reader without a serialization context, such as the codec server for Temporal's UI, can read every payload. What it
 *    encodes has no owner, and no workflow accepts it.
 *
 * The SDK does not pass the kind of message to a codec; `workflows/engine/core/envelope.ts` binds it.
 *
 * @param keys newest first: the first one encrypts, all of them decrypt; rotate a key by adding a new one in front
 */
export function createEncryptionCodec(
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
  { anyNamespace = false, foreignAsUndefined = false }: EncryptionOptions = {},
): PayloadCodec {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const [newest] = keys;
  const derived = new LRUCache<string, Uint8Array>({ max: MAX_CACHED_KEYS });

  const keyFor = ({ id, key }: EncryptionKey, owner: Owner): Uint8Array => {
    const info = JSON.stringify(['onward', 1, ...owner.slice(0, 2)]);
    const cacheKey = `${id} ${info}`;
    const cachedKey = derived.get(cacheKey);
    if (cachedKey !== undefined) return cachedKey;
    const fresh = new Uint8Array(hkdfSync('sha256', key, '', info, KEY_BYTES));
    derived.set(cacheKey, fresh);
    return fresh;
  };

  const encrypt = (payload: Payload, owner: Owner): Payload => {
    const nonce = randomBytes(NONCE_BYTES);
    const context = JSON.stringify(owner);
    const cipher = createCipheriv(ALGORITHM, keyFor(newest, owner), nonce).setAAD(associatedData(newest.id, context));
    const plain = PayloadMessage.encode(payload).finish();
    const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    const metadata = {
      [METADATA_ENCODING_KEY]: ENCODING,
      [KEY_ID]: Buffer.from(newest.id),
      [CONTEXT]: Buffer.from(context),
    };
    return { metadata, data };
  };

  const decrypt = (payload: Payload, reader: Owner | undefined): Payload => {
    const { metadata, data } = payload;
    if (!isEncrypted(payload)) {
      if (reader?.[2] === 'activity' && WRITTEN_BY_SERVER.equals(data ?? Buffer.alloc(0))) return NOTHING;
      throw new ForeignPayloadError('the payload is not encrypted: Onward did not write it');
    }
    const keyId = Buffer.from(metadata?.[KEY_ID] ?? []).toString();
    const key = byId.get(keyId);
    if (key === undefined) {
      throw new ValueError(`no encryption key '${keyId}': add it to ONWARD_ENCRYPTION_KEYS, after the newest`);
    }
    const context = Buffer.from(metadata?.[CONTEXT] ?? []).toString();
    const owner = parseOwner(context);
    if (reader !== undefined && !isSame(owner, reader, anyNamespace)) {
      throw new ForeignPayloadError(`the payload belongs to '${context}', not to '${JSON.stringify(reader)}'`);
    }
    return unseal(Buffer.from(data ?? []), keyFor(key, owner), associatedData(keyId, context));
  };

  const decryptOrNothing = (payload: Payload, reader: Owner | undefined): Payload => {
    try {
      return decrypt(payload, reader);
    } catch (error) {
      if (foreignAsUndefined && error instanceof ForeignPayloadError) return NOTHING;
      throw error;
    }
  };

  return {
    encode: async (payloads, context) => payloads.map((payload) => encrypt(payload, ownerOf(context) ?? [])),
    decode: async (payloads, context) => payloads.map((payload) => decryptOrNothing(payload, ownerOf(context))),
  };
}

/** Whether a payload is encrypted by this codec. */
export function isEncrypted({ metadata }: Payload): boolean {
  return ENCODING.equals(metadata?.[METADATA_ENCODING_KEY] ?? Buffer.alloc(0));
}

function unseal(sealed: Buffer, key: Uint8Array, associated: Uint8Array): Payload {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(associated)
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const { metadata, data } = PayloadMessage.decode(plain);
    return { metadata: { ...metadata }, data: data ?? null };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ForeignPayloadError(
      `the payload is damaged or encrypted with another key of the same id: ${problem}`,
      error,
    );
  }
}

const associatedData = (keyId: string, context: string) => Buffer.from(JSON.stringify([keyId, context]));

const schedules = [RECOVERY_SCHEDULE, RECONCILIATION_SCHEDULE];

/** Returns the owner of a payload. Runs of a Schedule have a timestamp in their id, but the Schedule encrypts their input without it. */
function ownerOf(context: SerializationContext | undefined): Owner | undefined {
  if (context === undefined) return undefined;
  const { namespace, workflowId = '' } = context;
  const workflow = schedules.find((schedule) => workflowId.startsWith(`${schedule}-`)) ?? workflowId;
  return [namespace, workflow, context.type, context.type === 'activity' ? (context.activityId ?? '') : ''];
}

/** Parses the owner; empty if it is not a list of strings. The authentication tag protects it from changes. */
function parseOwner(context: string): Owner {
  try {
    const parsed = JSON.parse(context) as unknown;
    return Array.isArray(parsed) && parsed.every((part) => typeof part === 'string') ? parsed : [];
  } catch {
    return [];
  }
}

function isSame(owner: Owner, reader: Owner, anyNamespace: boolean): boolean {
  const compared = (parts: Owner) => JSON.stringify(anyNamespace ? parts.slice(1) : parts);
  return owner.length > 0 && compared(owner) === compared(reader);
}
