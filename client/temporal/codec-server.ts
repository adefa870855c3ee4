import { ValueError } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { createEncryptionCodec, ForeignPayloadError, isEncrypted, KEY_ID } from './encryption-codec.ts';
import type { EncryptionKey } from './encryption-codec.ts';
import { BadRequest } from '../errors.ts';

/** A payload in proto3 JSON: byte fields are base64. */
export interface JsonPayload {
  readonly metadata?: { readonly [key: string]: string };
  readonly data?: string;
}

/** Request and response body of Temporal's remote codec protocol (https://docs.temporal.io/codec-server). */
export interface CodecBody {
  readonly payloads: readonly JsonPayload[];
}

/** Encodes and decodes payloads for Temporal's web UI and CLI, which have no encryption key. */
export interface Codec {
  /** Handles `POST …/encode`. Throws `BadRequest`. */
  encode(body: unknown): Promise<CodecBody>;
  /** Handles `POST …/decode`. Payloads that are not encrypted are returned unchanged. Throws `BadRequest`. */
  decode(body: unknown): Promise<CodecBody>;
}

/** Base64 or base64url: proto3 JSON allows both. */
const bytes = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'must be base64')
  .transform((text): Uint8Array => Buffer.from(text, 'base64'));

/** proto3 JSON omits empty lists, so Temporal's CLI sends no `payloads` for a call without arguments. */
const Body = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).nullish(), data: bytes.nullish() })).nullish(),
});

/** Creates a codec for these encryption keys. */
export function createCodec(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Codec {
  const encryption = createEncryptionCodec(keys);
  const decrypt = async (payload: Payload, index: number): Promise<Payload> => {
    if (!isEncrypted(payload)) return payload;
    try {
      return only(await encryption.decode([payload]));
    } catch (error) {
      const field = `payloads[${index}]`;
      if (error instanceof ValueError && !(error instanceof ForeignPayloadError))
        throw new BadRequest(`${field}.metadata.${KEY_ID}`, error.message);
      throw new BadRequest(`${field}.data`, 'the payload is damaged or encrypted with another key of the same id');
    }
  };

  return {
    encode: async (body) => {
      const payloads = await encryption.encode(payloadsOf(body));
      return { payloads: payloads.map(toJson) };
    },
    decode: async (body) => {
      const payloads = await Promise.all(payloadsOf(body).map(decrypt));
      return { payloads: payloads.map(toJson) };
    },
  };
}

function payloadsOf(body: unknown): Payload[] {
  const parsed = Body.safeParse(body);
  if (parsed.success) {
    return (parsed.data.payloads ?? []).map(({ metadata, data }) => ({ metadata: metadata ?? {}, data: data ?? null }));
  }
  const [issue] = parsed.error.issues;
  throw new BadRequest(fieldOf(issue?.path ?? []), issue?.message ?? 'must be a list of payloads');
}

/** Formats a path such as `payloads[0].metadata.encoding`; an empty path means the missing `payloads`. */
function fieldOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  if (first === undefined) return 'payloads';
  return rest.reduce((field, part) => field + (/^\d+$/.test(part) ? `[${part}]` : `.${part}`), first);
}

function only(payloads: readonly Payload[]): Payload {
  const [payload] = payloads;
  if (payload === undefined) throw new Error('the codec must return one payload for each payload');
  return payload;
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64');
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, base64(value ?? new Uint8Array())]);
  return { metadata: Object.fromEntries(entries) as Record<string, string>, data: base64(data ?? new Uint8Array()) };
}
