import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { failureConverterPath } from '../../client/temporal/data-converter.ts';
import { createCodec } from '../../client/temporal/codec-server.ts';
import { createEncryptionCodec } from '../../client/temporal/encryption-codec.ts';
import { seal } from '../../workflows/engine/core/envelope.ts';
import type { EnvelopeType } from '../../workflows/engine/core/envelope.ts';
import { keys, waitUntil } from '../support/stack.ts';

/** An attacker who can read and write everything in Temporal, but has no encryption key. Encrypted payloads stand for recorded ones. */

type Command = temporal.api.command.v1.ICommand;

const codec = createEncryptionCodec(keys);
export const toPlainPayloads = (value: unknown): Payload[] => [defaultPayloadConverter.toPayload(value)];

/** Encrypts a payload as the product does. An attacker could have recorded it from Temporal. */
export const encryptPayload = (workflowId: string, value: unknown): Promise<Payload[]> =>
  codec.encode(toPlainPayloads(value), { type: 'workflow', namespace: 'default', workflowId });

const FIVE_MINUTES_AND_MORE_MS = 301_000;

/** Every payload that an attacker can create or has recorded, to replace a payload of this type. */
export async function createForgeries(
  workflowId: string,
  type: EnvelopeType,
  body: unknown,
): Promise<readonly (readonly [label: string, payloads: Payload[]])[]> {
  const [kind = '', name = ''] = type.split(':');
  const fresh = () => seal(type, randomUUID(), Date.now(), body);
  const old = seal(type, randomUUID(), Date.now() - FIVE_MINUTES_AND_MORE_MS, body);
  const otherKinds = (['start', 'update', 'signal', 'query', 'answer', 'memo', 'end'] as const).filter(
    (each) => each !== kind,
  );
  const ofOtherKinds = otherKinds.map(
    async (each) =>
      [
        `of the kind ${each}`,
        await encryptPayload(workflowId, seal(`${each}:${name}`, randomUUID(), Date.now(), body)),
      ] as const,
  );
  const toJson = ({ metadata, data }: Payload) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value ?? []).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  });
  const { payloads } = await createCodec(keys).encode({ payloads: toPlainPayloads(fresh()).map(toJson) });
  const byCodecServer = payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]),
    ),
    data: Buffer.from(data ?? '', 'base64'),
  }));
  return [
    ['nothing', []],
    ['in the clear', toPlainPayloads(fresh())],
    ['the constant of the SDK', toPlainPayloads('ACTIVITY_ID_NOT_STARTED')],
    ['bytes', toPlainPayloads(new Uint8Array([1]))],
    ['sealed by the codec server', byCodecServer],
    ["another user's", await encryptPayload(`${workflowId}x`, fresh())],
    ['an older one of its own', await encryptPayload(workflowId, old)],
    ['of another name', await encryptPayload(workflowId, seal(`${type}x`, randomUUID(), Date.now(), body))],
    ...(await Promise.all(ofOtherKinds)),
  ];
}

/** A client that replaces the payloads that it sends, and cannot decrypt the ones that it receives. */
export class Attacker {
  readonly client: Client;
  readonly #connection: Connection;
  #replacement: Payload[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    const encode = async (payloads: Payload[]) =>
      payloads.length === 0 || this.#replacement.length === 0 ? payloads : this.#replacement;
    const decode = async (payloads: Payload[], context?: Parameters<typeof codec.decode>[1]) =>
      codec.decode(payloads, context).catch(() => toPlainPayloads(null));
    this.client = new Client({
      connection,
      dataConverter: { failureConverterPath, payloadCodecs: [{ encode, decode }] },
    });
  }

  /** `args` are placeholders for the payloads: empty, or one. */
  async send<T>(payloads: Payload[], call: (client: Client, args: [] | [null]) => Promise<T>): Promise<T> {
    this.#replacement = payloads;
    return call(this.client, payloads.length === 0 ? [] : [null]);
  }

  /** Starts a workflow of any type, polls its first workflow task, and responds to it with these commands. */
  async respondWithCommands(type: string, workflowId: string, commands: readonly Command[]): Promise<void> {
    const taskQueue = `mallory-${randomUUID()}`;
    await this.send([], (client) => client.workflow.start(type, { workflowId, taskQueue }));
    const service = this.#connection.workflowService;
    const { taskToken } = await waitUntil(async () => {
      const poll = () => service.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: taskQueue } });
      const task = await this.#connection.withDeadline(Date.now() + 30_000, poll);
      return task.taskToken.length > 0 && task;
    }, 'the workflow task is received');
    await service.respondWorkflowTaskCompleted({ namespace: 'default', taskToken, commands: [...commands] });
  }
}
