import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { failureConverterPath } from '../../client/temporal/data-converter.ts';
import { createEncryptionCodec } from '../../client/temporal/encryption-codec.ts';
import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';
import type { ReplayBreakage } from '../../client/replay/protocol.ts';
import type { RecordedHistory } from '../../client/replay/histories.ts';
import { parseDeliveryId, userOf, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { explainNondeterminism } from './nondeterminism.ts';

export interface ReplayOptions {
  readonly workflowBundle: NonNullable<ReplayWorkerOptions['workflowBundle']>;
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
}

/** Replays histories on workflow code, one after another. Yields for each what would break it, or `undefined`. */
export async function* replayHistories(
  { workflowBundle, encryptionKeys }: ReplayOptions,
  histories: AsyncIterable<RecordedHistory>,
): AsyncGenerator<ReplayBreakage | undefined> {
  const codec = captureFailures(
    createEncryptionCodec(encryptionKeys, { anyNamespace: true, foreignAsUndefined: true }),
  );
  const options = { workflowBundle, dataConverter: { failureConverterPath, payloadCodecs: [codec] } };
  let current: RecordedHistory | undefined;
  const started = async function* () {
    for await (const recorded of histories) {
      // Before its first workflow task, a history cannot diverge.
      if (!hasWorkflowStarted(recorded)) continue;
      current = recorded;
      codec.forget();
      yield recorded;
    }
  };
  for await (const { error } of Worker.runReplayHistories(options, started())) {
    if (current === undefined) throw new Error('replay returned a result without a history');
    yield error === undefined ? undefined : describeBreakage(error, current, codec.lastFailure());
  }
}

const hasWorkflowStarted = ({ history }: RecordedHistory) =>
  history.events?.some((event) => event.workflowTaskCompletedEventAttributes != null) === true;

function describeBreakage(
  error: Error,
  { workflowId, place, history }: RecordedHistory,
  lastFailure: string | undefined,
): ReplayBreakage {
  const type = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? 'unknown';
  const userId = type === WORKFLOW_TYPE ? userOf(workflowId) : (parseDeliveryId(workflowId)?.userId ?? null);
  const { event, cause } =
    error instanceof DeterminismViolationError
      ? explainNondeterminism(error.message, history)
      : { event: null, cause: `the workflow task fails: ${lastFailure ?? error.message}` };
  return { workflowId, type, userId, place, event, cause };
}

/** The SDK reports only that a task failed; the cause is encoded for the server. A replay sends nothing, so it is captured here. */
function captureFailures(codec: PayloadCodec) {
  let lastFailure: string | undefined;
  return {
    decode: (payloads: Payload[], context?: Parameters<PayloadCodec['decode']>[1]) => codec.decode(payloads, context),
    encode: async (payloads: Payload[]) => {
      for (const payload of payloads) lastFailure = failureMessage(payload) ?? lastFailure;
      return payloads;
    },
    forget: () => void (lastFailure = undefined),
    lastFailure: () => lastFailure,
  };
}

/** The message of a failure's encoded attributes. */
function failureMessage(payload: Payload): string | undefined {
  if (Buffer.from(payload.metadata?.['encoding'] ?? []).toString() !== 'json/plain') return undefined;
  const value = defaultPayloadConverter.fromPayload<unknown>(payload);
  const isFailure = typeof value === 'object' && value !== null && 'message' in value && 'stack_trace' in value;
  return isFailure ? String(value.message) : undefined;
}
