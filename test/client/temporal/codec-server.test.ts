import { randomBytes } from 'node:crypto';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { encodeErrorToFailure, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { describe, expect, it } from '@jest/globals';
import { createCodec } from '../../../client/temporal/codec-server.ts';
import type { JsonPayload } from '../../../client/temporal/codec-server.ts';
import { createDataConverter } from '../../../client/temporal/data-converter.ts';
import { createEncryptionCodec } from '../../../client/temporal/encryption-codec.ts';
import type { EncryptionKey } from '../../../client/temporal/encryption-codec.ts';
import { BadRequest } from '../../../client/errors.ts';

const older: EncryptionKey = { id: '2026-10', key: randomBytes(32) };
const newer: EncryptionKey = { id: '2026-11', key: randomBytes(32) };
const codec = createCodec([newer, older]);

const base64 = (bytes: string | Uint8Array | null | undefined) => Buffer.from(bytes ?? '').toString('base64');
const PLAIN = { encoding: base64('json/plain') };
const plain = (value: unknown): JsonPayload => ({
  metadata: PLAIN,
  data: base64(JSON.stringify(value)),
});
const textOf = ({ data = '' }: JsonPayload) => Buffer.from(data, 'base64').toString();

/** A payload of a journey's worker, as Temporal's pages pass it on. */
async function written(value: unknown, key: EncryptionKey = newer): Promise<JsonPayload> {
  const [payload] = await createEncryptionCodec([key]).encode([defaultPayloadConverter.toPayload(value)]);
  const metadata = Object.entries(payload?.metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]);
  return { metadata: Object.fromEntries(metadata) as Record<string, string>, data: base64(payload?.data) };
}

describe('the codec', () => {
  it('decodes payloads of journeys under every key, in order', async () => {
    const payloads = [
      await written({ userId: 'ada' }),
      await written('by the older key', older),
      plain('never hidden'),
    ];
    const { payloads: read } = await codec.decode({ payloads });
    expect(read.map(textOf)).toEqual(['{"userId":"ada"}', '"by the older key"', '"never hidden"']);
    expect(read.map(({ metadata }) => metadata)).toEqual([PLAIN, PLAIN, PLAIN]);
  });

  it('decodes the message and the stack of a failure', async () => {
    const converter = loadDataConverter(createDataConverter([newer]));
    const failure = await encodeErrorToFailure(converter, ApplicationFailure.create({ message: 'not in time' }));
    const { metadata, data } = failure.encodedAttributes ?? {};
    const fields = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]);
    const payload = { metadata: Object.fromEntries(fields) as Record<string, string>, data: base64(data) };
    const { payloads } = await codec.decode({ payloads: [payload] });
    expect(payloads.map((each) => JSON.parse(textOf(each)) as unknown)).toEqual([
      { message: 'not in time', stack_trace: expect.stringContaining('ApplicationFailure') },
    ]);
  });

  it('encodes payloads with the newest key', async () => {
    const encoded = await codec.encode({ payloads: [plain({ reason: 'a question' })] });
    expect(encoded.payloads.map(({ metadata }) => metadata)).toEqual([
      {
        encoding: base64('binary/encrypted'),
        'encryption-key-id': base64('2026-11'),
        'encryption-context': base64('[]'),
      },
    ]);
    expect(JSON.stringify(encoded)).not.toContain(base64('a question').slice(0, 8));
    expect((await createCodec([newer]).decode(encoded)).payloads).toEqual([plain({ reason: 'a question' })]);
  });

  it('accepts absent, null and unknown fields and both base64 alphabets, as proto3 JSON does', async () => {
    const payload = { data: '-_8', metadata: null, other: 1 };
    expect(await codec.decode({ payloads: [{}, payload], namespace: 'default' })).toEqual({
      payloads: [
        { metadata: {}, data: '' },
        { metadata: {}, data: '+/8=' },
      ],
    });
    for (const none of [{}, { payloads: null }, { payloads: [] }]) {
      expect([await codec.encode(none), await codec.decode(none)]).toEqual([{ payloads: [] }, { payloads: [] }]);
    }
  });

  it.each([
    ['nothing', undefined, 'payloads'],
    ['a text', 'payloads', 'payloads'],
    ['a list', [], 'payloads'],
    ['one payload', { payloads: plain('x') }, 'payloads'],
    ['a payload that is none', { payloads: [{}, null] }, 'payloads[1]'],
    ['bytes that are a number', { payloads: [{ data: 1 }] }, 'payloads[0].data'],
    ['bytes that are no base64', { payloads: [{ data: 'a b' }] }, 'payloads[0].data'],
    ['metadata that are no base64', { payloads: [{ metadata: { encoding: '?' } }] }, 'payloads[0].metadata.encoding'],
  ])('rejects %s and names the field', async (_, body, field) => {
    for (const call of ['decode', 'encode'] as const) {
      await expect(codec[call](body)).rejects.toMatchObject({ code: 'bad_request', field });
    }
  });

  it('rejects a payload whose key is missing and names the key', async () => {
    const payloads = [plain('x'), await written('secret', { id: '2026-09', key: randomBytes(32) })];
    const refused = codec.decode({ payloads });
    await expect(refused).rejects.toBeInstanceOf(BadRequest);
    await expect(refused).rejects.toMatchObject({
      field: 'payloads[1].metadata.encryption-key-id',
      message: expect.stringContaining("no encryption key '2026-09'"),
    });
  });

  it('rejects a payload that is damaged, truncated, or encrypted with another key of the same id', async () => {
    const whole = await written('secret');
    const bytes = Buffer.from(whole.data ?? '', 'base64');
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    const damaged = [
      { ...whole, data: base64(bytes) },
      { ...whole, data: base64(bytes.subarray(0, 10)) },
      { ...whole, data: '' },
      await written('secret', { ...newer, key: randomBytes(32) }),
    ];
    for (const payload of damaged) {
      await expect(codec.decode({ payloads: [payload] })).rejects.toMatchObject({
        code: 'bad_request',
        field: 'payloads[0].data',
      });
    }
  });
});
