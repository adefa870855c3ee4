import { ValueError } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { createEncryption, isEncrypted, KEY_ID } from './encryption.ts';
import type { EncryptionKey } from './encryption.ts';
import { BadRequest } from './errors.ts';

/** A payload as proto3 JSON has it: every byte field in base64. */
export interface JsonPayload {
  readonly metadata?: { readonly [key: string]: string };
  readonly data?: string;
}

/** What Temporal's remote codec protocol sends and wants back (https://docs.temporal.io/codec-server). */
export interface CodecBody {
  readonly payloads: readonly JsonPayload[];
}

/** Answers Temporal's web pages and command line, which have no key of their own. */
export interface Codec {
  /** The answer to `POST …/encode`. Throws `BadRequest`. */
  encode(body: unknown): Promise<CodecBody>;
  /** The answer to `POST …/decode`; what was never encrypted comes back as it is. Throws `BadRequest`. */
  decode(body: unknown): Promise<CodecBody>;
}

/** Base64, with either alphabet: proto3 JSON takes both. */
const bytes = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'a field of bytes is written in base64')
  .transform((text): Uint8Array => Buffer.from(text, 'base64'));

/** An empty list is left out, as proto3 JSON does: so Temporal's command line has a call without arguments encoded. */
const Body = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).nullish(), data: bytes.nullish() })).nullish(),
});

/** A codec with the keys by which journeys are encrypted. */
export function createCodec(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Codec {
  const encryption = createEncryption(keys);
  const decrypt = async (payload: Payload, index: number): Promise<Payload> => {
    if (!isEncrypted(payload)) return payload;
    try {
      return only(await encryption.decode([payload]));
    } catch (error) {
      const field = `payloads[${index}]`;
      if (error instanceof ValueError) throw new BadRequest(`${field}.metadata.${KEY_ID}`, error.message);
      throw new BadRequest(`${field}.data`, 'the payload is damaged, or another key bears its id here');
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
  throw new BadRequest(fieldOf(issue?.path ?? []), issue?.message ?? 'is no list of payloads');
}

/** `payloads[0].metadata.encoding`; the body itself is `payloads`, which it should have had. */
function fieldOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  if (first === undefined) return 'payloads';
  return rest.reduce((field, part) => field + (/^\d+$/.test(part) ? `[${part}]` : `.${part}`), first);
}

function only(payloads: readonly Payload[]): Payload {
  const [payload] = payloads;
  if (payload === undefined) throw new Error('a codec gives a payload for a payload');
  return payload;
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64');
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, base64(value ?? new Uint8Array())]);
  return { metadata: Object.fromEntries(entries) as Record<string, string>, data: base64(data ?? new Uint8Array()) };
}
