import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { ApplicationFailure, defaultPayloadConverter, ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { describe, expect, it } from '@jest/globals';
import { createDataConverter } from '../../../client/temporal/data-converter.ts';
import { createEncryptionCodec } from '../../../client/temporal/encryption-codec.ts';
import type { EncryptionKey } from '../../../client/temporal/encryption-codec.ts';

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
  const codec = createEncryptionCodec([newer]);

  it.each([
    ['a text', secret],
    ['an object', { userId: 'ada', code: '918273', at: 1.5, sends: [null, true] }],
    ['null', null],
    ['nothing at all', undefined],
    ['bytes', new Uint8Array([0, 255, 1])],
    ['an empty text', ''],
    ['much', 'x'.repeat(1_000_000)],
  ])('decrypts %s unchanged', async (_, given) => {
    const back = await decode(codec, await encode(codec, written(given)));
    expect(back.metadata).toEqual(written(given).metadata);
    expect(value(back)).toEqual(given);
  });

  it('decrypts several payloads in order', async () => {
    const payloads = [1, 2, 3].map(written);
    expect((await codec.decode(await codec.encode(payloads))).map(value)).toEqual([1, 2, 3]);
  });

  it('does not reveal its content', async () => {
    const { metadata, data } = await encode(codec, written({ code: '918273', note: 'lovelace' }));
    const bytes = [...Object.keys(metadata ?? {}), ...Object.values(metadata ?? {}).map(text), text(data)].join();
    expect(bytes).not.toMatch(/918273|lovelace|json|note/);
    expect(Object.keys(metadata ?? {}).toSorted()).toEqual(['encoding', 'encryption-context', 'encryption-key-id']);
    expect(text(metadata?.['encoding'])).toBe('binary/encrypted');
  });

  it('is different each time', async () => {
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
  ])('is rejected when %s', async (_, change) => {
    const encoded = await encode(codec, written(secret));
    await expect(decode(codec, changed(encoded, change))).rejects.toThrow(REFUSED);
  });

  it('is the only kind that is accepted: unencrypted payloads are rejected', async () => {
    const plain = written({ a: 1 });
    const foreign = { metadata: { encoding: Buffer.from('binary/zlib') }, data: Buffer.from('x') };
    for (const payload of [plain, foreign, { data: Buffer.from('x') }, {}]) {
      await expect(codec.decode([payload])).rejects.toThrow('not encrypted');
    }
  });
});

describe('the owner of a payload', () => {
  const codec = createEncryptionCodec([newer]);
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

  it('is checked for every reader with a context: only the owner can read a payload', async () => {
    for (const owner of owners) {
      const sealed = await codec.encode([written(secret)], owner);
      const reads = owners.map((reader) => codec.decode(sealed, reader).then(([plain = {}]) => value(plain), String));
      const others = owners.filter((reader) => reader !== owner);
      const outcomes = await Promise.all(reads);
      expect(outcomes[owners.indexOf(owner)]).toBe(secret);
      expect(outcomes.filter((read) => String(read).includes('the payload belongs to'))).toHaveLength(others.length);
    }
  });

  it('is not needed by a reader without a context, and is readable metadata', async () => {
    const [sealed = {}] = await codec.encode([written(secret)], first);
    expect(text(sealed.metadata?.['encryption-context'])).toBe('["default","onboarding:ada","activity","1"]');
    expect(await codec.decode([sealed])).toEqual([written(secret)]);
    expect(await codec.decode([sealed], first)).toEqual([written(secret)]);
  });

  it('cannot be rewritten: neither another workflow, nor another kind, nor another namespace', async () => {
    const [sealed = {}] = await codec.encode([written(secret)], first);
    const claimed = async (context: string, reader: SerializationContext) => {
      const metadata = { ...sealed.metadata, 'encryption-context': Buffer.from(context) };
      return codec.decode([{ metadata, data: sealed.data ?? null }], reader);
    };
    await expect(
      claimed('["default","onboarding:eve","activity","1"]', activity('onboarding:eve', '1')),
    ).rejects.toThrow(REFUSED);
    await expect(claimed('["default","onboarding:ada","workflow",""]', ada)).rejects.toThrow(REFUSED);
    await expect(
      claimed('["other","onboarding:ada","activity","1"]', { ...first, namespace: 'other' }),
    ).rejects.toThrow(REFUSED);
    await expect(claimed('not a context', first)).rejects.toThrow('the payload belongs to');
  });

  it('ignores metadata that the caller has written', async () => {
    const owner = Buffer.from('["default","onboarding:ada","workflow",""]');
    const forged = {
      ...written(secret),
      metadata: { ...written(secret).metadata, owner, 'encryption-context': owner },
    };
    await expect(codec.decode(await codec.encode([forged]), ada)).rejects.toThrow('the payload belongs to');
  });

  it('binds the namespace, except in a replay, which has none', async () => {
    const sealed = await codec.encode([written(secret)], ada);
    const elsewhere = { ...ada, namespace: 'other' };
    await expect(codec.decode(sealed, elsewhere)).rejects.toThrow('the payload belongs to');
    expect(await createEncryptionCodec([newer], { anyNamespace: true }).decode(sealed, elsewhere)).toEqual([
      written(secret),
    ]);
    await expect(createEncryptionCodec([newer], { anyNamespace: true }).decode(sealed, first)).rejects.toThrow(
      'the payload belongs to',
    );
  });

  it('is the same with any cache content: each workflow has a key of its own', async () => {
    const sealed = await codec.encode([written(secret)], ada);
    expect(await createEncryptionCodec([newer]).decode(sealed, ada)).toEqual([written(secret)]);
  });

  it('is required by workers of the engine too, which receive `undefined` in place of a foreign payload', async () => {
    const lenient = createEncryptionCodec([newer], { foreignAsUndefined: true });
    const [sealed = {}] = await codec.encode([written(secret)], ada);
    const foreign = [
      written(secret),
      changed(sealed, (bytes) => flip(bytes, 20)),
      changed(sealed, () => Buffer.alloc(0)),
      {},
    ];
    for (const payload of foreign)
      expect(value(await lenient.decode([payload], ada).then(([plain = {}]) => plain))).toBeUndefined();
    expect((await lenient.decode([sealed], activity('onboarding:ada', '1'))).map(value)).toEqual([undefined]);
    expect(await lenient.decode([sealed], ada)).toEqual([written(secret)]);
    await expect(lenient.decode([renamed(sealed, 'gone')], ada)).rejects.toThrow("no encryption key 'gone'");
  });

  it('reads the constant that the server writes itself as `undefined`, and only from activities', async () => {
    const constant = written('ACTIVITY_ID_NOT_STARTED');
    const [nothing = {}] = await codec.decode([constant], first);
    expect(value(nothing)).toBeUndefined();
    await expect(codec.decode([constant], ada)).rejects.toThrow('not encrypted');
    await expect(codec.decode([constant])).rejects.toThrow('not encrypted');
    await expect(codec.decode([written('ACTIVITY_ID_NOT_STARTED ')], first)).rejects.toThrow('not encrypted');
  });

  it('is empty if the writer had no context, so that no journey accepts the payload', async () => {
    const sealed = await codec.encode([written(secret)]);
    await expect(codec.decode(sealed, ada)).rejects.toThrow("the payload belongs to '[]'");
  });

  it('is the Schedule for the input and memo of its runs', async () => {
    const sealed = await codec.encode([written(secret)], workflow('onward-recovery'));
    const run = workflow('onward-recovery-2026-11-25T03:00:00Z');
    expect(await codec.decode(sealed, run)).toEqual([written(secret)]);
    expect(await codec.decode(await codec.encode([written(secret)], run), run)).toEqual([written(secret)]);
  });
});

describe('keys', () => {
  it('can be rotated: the newest one encrypts and every older one still decrypts', async () => {
    const before = createEncryptionCodec([older]);
    const after = createEncryptionCodec([newer, older]);
    const old = await encode(before, written('old'));
    const fresh = await encode(after, written('fresh'));
    expect([old, fresh].map(({ metadata }) => text(metadata?.['encryption-key-id']))).toEqual([older.id, newer.id]);
    expect((await after.decode([old, fresh])).map(value)).toEqual(['old', 'fresh']);
  });

  it('that are missing are named by id, without showing a key', async () => {
    const fresh = await encode(createEncryptionCodec([newer]), written(secret));
    const error = await decode(createEncryptionCodec([older]), fresh).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ValueError);
    expect(String(error)).toContain(`'${newer.id}'`);
    for (const { key } of [older, newer]) {
      const shown = inspect(error, { depth: 10 });
      expect(shown).not.toContain(Buffer.from(key).toString('base64'));
      expect(shown).not.toContain(Buffer.from(key).toString('hex'));
    }
  });

  it('cannot be swapped, not even for the same key with another id', async () => {
    const encoded = await encode(createEncryptionCodec([newer]), written(secret));
    const two = createEncryptionCodec([newer, older]);
    const twin = createEncryptionCodec([newer, { id: 'twin', key: newer.key }]);
    await expect(decode(two, renamed(encoded, older.id))).rejects.toThrow(REFUSED);
    await expect(decode(twin, renamed(encoded, 'twin'))).rejects.toThrow(REFUSED);
    await expect(decode(two, renamed(encoded, ''))).rejects.toThrow("no encryption key ''");
  });

  it('with the same id but other bytes are rejected', async () => {
    const encoded = await encode(createEncryptionCodec([newer]), written(secret));
    await expect(decode(createEncryptionCodec([{ id: newer.id, key: older.key }]), encoded)).rejects.toThrow(REFUSED);
  });
});

describe('the data converter', () => {
  it('encrypts the message, stack and details of a failure', async () => {
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
