import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { ApplicationFailure, defaultPayloadConverter, ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { describe, expect, it } from '@jest/globals';
import { createDataConverter } from '../../client/data-converter.ts';
import { createEncryption } from '../../client/encryption.ts';
import type { EncryptionKey } from '../../client/encryption.ts';

const older: EncryptionKey = { id: '2026-10', key: randomBytes(32) };
const newer: EncryptionKey = { id: '2026-11', key: randomBytes(32) };
const secret = 'a•••@e••• 918273';

/** Node's own words where the bytes, or the tag that vouches for them, are not as they were. */
const REFUSED = /authenticat|initialization vector/i;

const written = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const value = (payload: Payload): unknown => defaultPayloadConverter.fromPayload(payload);
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();

async function encode(codec: PayloadCodec, payload: Payload): Promise<Payload> {
  const [encoded] = await codec.encode([payload]);
  return encoded ?? {};
}

async function decode(codec: PayloadCodec, payload: Payload): Promise<Payload> {
  const [decoded] = await codec.decode([payload]);
  return decoded ?? {};
}

/** A payload whose bytes are changed by `change`. */
const changed = ({ metadata, data }: Payload, change: (bytes: Buffer) => Buffer): Payload => ({
  metadata: metadata ?? {},
  data: change(Buffer.from(data ?? [])),
});

/** The same payload under the name of another key. */
const renamed = ({ metadata, data }: Payload, id: string): Payload => ({
  metadata: { ...metadata, 'encryption-key-id': Buffer.from(id) },
  data: data ?? null,
});

describe('an encrypted payload', () => {
  const codec = createEncryption([newer]);

  it.each([
    ['a text', secret],
    ['an object', { userId: 'ada', code: '918273', at: 1.5, sends: [null, true] }],
    ['null', null],
    ['nothing at all', undefined],
    ['bytes', new Uint8Array([0, 255, 1])],
    ['an empty text', ''],
    ['much', 'x'.repeat(1_000_000)],
  ])('gives back %s', async (_, given) => {
    const back = await decode(codec, await encode(codec, written(given)));
    expect(back.metadata).toEqual(written(given).metadata);
    expect(value(back)).toEqual(given);
  });

  it('gives back many in their order', async () => {
    const payloads = [1, 2, 3].map(written);
    expect((await codec.decode(await codec.encode(payloads))).map(value)).toEqual([1, 2, 3]);
  });

  it('says nothing of what it holds', async () => {
    const { metadata, data } = await encode(codec, written({ code: '918273', note: 'lovelace' }));
    const bytes = [...Object.keys(metadata ?? {}), ...Object.values(metadata ?? {}).map(text), text(data)].join();
    expect(bytes).not.toMatch(/918273|lovelace|json|note/);
    expect(Object.keys(metadata ?? {}).toSorted()).toEqual(['encoding', 'encryption-key-id']);
    expect(text(metadata?.['encoding'])).toBe('binary/encrypted');
  });

  it('is never the same twice', async () => {
    const [one, two] = await codec.encode([written(secret), written(secret)]);
    expect(text(one?.data)).not.toBe(text(two?.data));
  });

  it.each([
    ['its first byte is another', (bytes: Buffer) => flip(bytes, 0)],
    ['a byte in its middle is another', (bytes: Buffer) => flip(bytes, 20)],
    ['its last byte is another', (bytes: Buffer) => flip(bytes, bytes.length - 1)],
    ['a byte is missing', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['a byte is added', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
    ['only the nonce is left', (bytes: Buffer) => bytes.subarray(0, 12)],
    ['a stump of four bytes is left', (bytes: Buffer) => bytes.subarray(0, 4)],
    ['nothing is left', () => Buffer.alloc(0)],
  ])('is refused when %s', async (_, change) => {
    const encoded = await encode(codec, written(secret));
    await expect(decode(codec, changed(encoded, change))).rejects.toThrow(REFUSED);
  });

  it('is the only kind that is taken: what was never encrypted, nobody with a key has said', async () => {
    const plain = written({ a: 1 });
    const foreign = { metadata: { encoding: Buffer.from('binary/zlib') }, data: Buffer.from('x') };
    for (const payload of [plain, foreign, { data: Buffer.from('x') }, {}]) {
      await expect(codec.decode([payload])).rejects.toThrow('not encrypted');
    }
  });
});

describe('whose a payload is', () => {
  const codec = createEncryption([newer]);
  const workflow = (workflowId: string) => ({ type: 'workflow', namespace: 'default', workflowId }) as const;
  const activity = (workflowId: string, activityId: string) =>
    ({ type: 'activity', namespace: 'default', workflowId, activityId, isLocal: false }) as const;
  const ada = workflow('onboarding:ada');
  const first = activity('onboarding:ada', '1');
  const owners = [
    ada,
    first,
    activity('onboarding:ada', '2'),
    workflow('onboarding:eve'),
    activity('onboarding:eve', '1'),
    // Every character that a user id may have is in these.
    workflow('onboarding:ada:1'),
    workflow('onboarding:ada-2026-11-25T03:00:00Z'),
    workflow('onward-recovery'),
  ];

  it('is asked for by every reader that is one: each payload is read by its owner alone', async () => {
    for (const owner of owners) {
      const sealed = await codec.encode([written(secret)], owner);
      const reads = owners.map((reader) => codec.decode(sealed, reader).then(([plain = {}]) => value(plain), String));
      const others = owners.filter((reader) => reader !== owner);
      const told = await Promise.all(reads);
      expect(told[owners.indexOf(owner)]).toBe(secret);
      expect(told.filter((read) => String(read).includes('stands where one of'))).toHaveLength(others.length);
    }
  });

  it('is not asked for by a reader that is none, and is hidden as all else', async () => {
    const [sealed = {}] = await codec.encode([written(secret)], ada);
    expect(Object.keys(sealed.metadata ?? {}).toSorted()).toEqual(['encoding', 'encryption-key-id']);
    expect(text(sealed.data)).not.toContain('ada');
    expect(await codec.decode([sealed])).toEqual([written(secret)]);
    expect(await codec.decode([sealed], ada)).toEqual([written(secret)]);
  });

  it('is nobody where the writer was none: no journey takes it', async () => {
    const sealed = await codec.encode([written(secret)]);
    await expect(codec.decode(sealed, ada)).rejects.toThrow("a payload of ''");
  });

  it('is the Schedule, for what it hands to its runs and these leave to each other', async () => {
    const sealed = await codec.encode([written(secret)], workflow('onward-recovery'));
    const run = workflow('onward-recovery-2026-11-25T03:00:00Z');
    expect(await codec.decode(sealed, run)).toEqual([written(secret)]);
    expect(await codec.decode(await codec.encode([written(secret)], run), run)).toEqual([written(secret)]);
  });
});

describe('keys', () => {
  it('rotate: the newest writes, each older one still reads', async () => {
    const before = createEncryption([older]);
    const after = createEncryption([newer, older]);
    const old = await encode(before, written('old'));
    const fresh = await encode(after, written('fresh'));
    expect([old, fresh].map(({ metadata }) => text(metadata?.['encryption-key-id']))).toEqual([older.id, newer.id]);
    expect((await after.decode([old, fresh])).map(value)).toEqual(['old', 'fresh']);
  });

  it('that are gone are named, and no key is shown', async () => {
    const fresh = await encode(createEncryption([newer]), written(secret));
    const error = await decode(createEncryption([older]), fresh).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ValueError);
    expect(String(error)).toContain(`'${newer.id}'`);
    for (const { key } of [older, newer]) {
      const shown = inspect(error, { depth: 10 });
      expect(shown).not.toContain(Buffer.from(key).toString('base64'));
      expect(shown).not.toContain(Buffer.from(key).toString('hex'));
    }
  });

  it('cannot be swapped, not even for the same key of another name', async () => {
    const encoded = await encode(createEncryption([newer]), written(secret));
    const two = createEncryption([newer, older]);
    const twin = createEncryption([newer, { id: 'twin', key: newer.key }]);
    await expect(decode(two, renamed(encoded, older.id))).rejects.toThrow(REFUSED);
    await expect(decode(twin, renamed(encoded, 'twin'))).rejects.toThrow(REFUSED);
    await expect(decode(two, renamed(encoded, ''))).rejects.toThrow("no encryption key ''");
  });

  it('of the same name but other bytes are refused', async () => {
    const encoded = await encode(createEncryption([newer]), written(secret));
    await expect(decode(createEncryption([{ id: newer.id, key: older.key }]), encoded)).rejects.toThrow(REFUSED);
  });
});

describe('the data converter', () => {
  it('writes a failure, its stack and its details as unreadable as all else', async () => {
    const converter = loadDataConverter(createDataConverter([newer]));
    const cause = new Error('the inner lovelace');
    const failure = await encodeErrorToFailure(
      converter,
      ApplicationFailure.create({ type: 'JourneyExpired', message: 'of lovelace', details: ['lovelace'], cause }),
    );
    const { encodedAttributes, applicationFailureInfo } = failure;
    expect(inspect(failure, { depth: 10 })).not.toMatch(/lovelace|encryption\.test/);
    expect(applicationFailureInfo?.type).toBe('JourneyExpired');
    expect(text(encodedAttributes?.data)).not.toContain('lovelace');

    const back = await decodeOptionalFailureToOptionalError(converter, failure);
    expect(back).toMatchObject({ message: 'of lovelace', details: ['lovelace'], cause: { message: cause.message } });
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
