import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { failureConverterPath } from '../client/data-converter.ts';
import { createEncryption } from '../client/encryption.ts';
import type { EncryptionKey } from '../client/encryption.ts';
import type { Broken } from '../client/replay/contract.ts';
import type { Recorded } from '../client/replay/histories.ts';
import { readChangeId, userOf, WORKFLOW_TYPE } from '../workflows/contract.ts';
import { divergence } from './divergence.ts';

export interface ReplayingOptions {
  readonly workflowBundle: NonNullable<ReplayWorkerOptions['workflowBundle']>;
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
}

/** Replays histories on workflow code, one after another. Gives for each what would break it, or nothing. */
export async function* replaying(
  { workflowBundle, encryptionKeys }: ReplayingOptions,
  histories: AsyncIterable<Recorded>,
): AsyncGenerator<Broken | undefined> {
  const codec = overhearing(createEncryption(encryptionKeys));
  const options = { workflowBundle, dataConverter: { failureConverterPath, payloadCodecs: [codec] } };
  let current: Recorded | undefined;
  const begun = async function* () {
    for await (const recorded of histories) {
      // Nothing has been done yet that could be done otherwise.
      if (!hasBegun(recorded)) continue;
      current = recorded;
      codec.forget();
      yield recorded;
    }
  };
  for await (const { error } of Worker.runReplayHistories(options, begun())) {
    if (current === undefined) throw new Error('a result without a history');
    yield error === undefined ? undefined : brokenBy(error, current, codec.heard());
  }
}

const hasBegun = ({ history }: Recorded) =>
  history.events?.some((event) => event.workflowTaskCompletedEventAttributes != null) === true;

function brokenBy(error: Error, { workflowId, place, history }: Recorded, heard: string | undefined): Broken {
  const type = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? 'unknown';
  const userId = type === WORKFLOW_TYPE ? userOf(workflowId) : (readChangeId(workflowId)?.userId ?? null);
  const { event, why } =
    error instanceof DeterminismViolationError
      ? divergence(error.message, history)
      : { event: null, why: `the workflow's task fails: ${heard ?? error.message}` };
  return { workflowId, type, userId, place, event, why };
}

/** The SDK tells only that a task has failed; why goes to the server, encrypted. In a replay nothing is written: it is heard here. */
function overhearing(codec: PayloadCodec) {
  let heard: string | undefined;
  return {
    decode: (payloads: Payload[], context?: Parameters<PayloadCodec['decode']>[1]) => codec.decode(payloads, context),
    encode: async (payloads: Payload[]) => {
      for (const payload of payloads) heard = messageIn(payload) ?? heard;
      return payloads;
    },
    forget: () => void (heard = undefined),
    heard: () => heard,
  };
}

/** The message of a failure's encoded attributes. */
function messageIn(payload: Payload): string | undefined {
  if (Buffer.from(payload.metadata?.['encoding'] ?? []).toString() !== 'json/plain') return undefined;
  const value = defaultPayloadConverter.fromPayload<unknown>(payload);
  const isFailure = typeof value === 'object' && value !== null && 'message' in value && 'stack_trace' in value;
  return isFailure ? String(value.message) : undefined;
}
