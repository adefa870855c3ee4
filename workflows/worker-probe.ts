import { activityCaller, parseNumber, PlainWorkflow } from './engine/index.ts';
import type { PlainWorkflowFunction } from './engine/index.ts';
import { requestRecord } from './provider-effects.ts';
import type { RecordReply } from './provider-replies.ts';
import type { JourneyActivities } from './contract.ts';
import { SECOND } from './journey/policy/policy.ts';

/** A user that the provider does not know. Its refusal shows that it was reached and accepted the key. */
const PROBE_USER_ID = 'onward-checkup';

/** Three attempts fit into the time that a caller waits. */
const CALL_TIMEOUT_MS = 3 * SECOND;

/** The result of a worker probe. Times are in milliseconds since 1970. */
export interface WorkerProbeReport {
  /** The worker's clock, and the server's clock before and after it was read. */
  readonly clock: { readonly before: number; readonly worker: number; readonly after: number };
  /** The provider's reply to a request for the record of an unknown user. */
  readonly provider: RecordReply;
}

/** Checks a worker. It does not affect any journey and sends no code. A worker that cannot decode its start reports nothing. */
export const workerProbe: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart: () => null });
  const results = { readClock: parseNumber };
  const call = activityCaller<Pick<JourneyActivities, 'readClock'>>(results, {
    startToCloseTimeout: '5 s',
    retry: { maximumAttempts: 2 },
  });
  const before = Date.now();
  const worker = await call('readClock', null);
  const clock = { before, worker, after: Date.now() };
  const provider = await requestRecord(PROBE_USER_ID, { callTimeout: CALL_TIMEOUT_MS });
  return workflow.end<WorkerProbeReport>({ clock, provider });
};
