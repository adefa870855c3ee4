import { proxyActivities } from '@temporalio/workflow';
import { askForRecord } from './ask.ts';
import type { RecordAnswer } from './ask.ts';
import type { JourneyActivities } from './contract.ts';
import { SECOND } from './policy.ts';

/** The provider knows no such user: its refusal tells that it was reached and took the key. */
const NOBODY = 'onward-checkup';

/** Whoever asks is waiting: three tries of this fit into the time. */
const CALL_TIMEOUT = 3 * SECOND;

/** What a worker tells of itself. Times in milliseconds since 1970. */
export interface CheckupReport {
  /** The worker's clock, and the server's before and after it was read. */
  readonly clock: { readonly before: number; readonly worker: number; readonly after: number };
  /** What became of asking the provider for the record of nobody. */
  readonly provider: RecordAnswer;
}

/**
 * Looks after a worker instead of a user: touches no journey, and sends nothing.
 *
 * @param _written what was encrypted by whoever asks: a worker without that key never comes as far as this
 */
export async function checkup(_written: string): Promise<CheckupReport> {
  const { readClock } = proxyActivities<JourneyActivities>({
    startToCloseTimeout: '5 s',
    retry: { maximumAttempts: 2 },
  });
  const before = Date.now();
  const worker = await readClock();
  const clock = { before, worker, after: Date.now() };
  return { clock, provider: await askForRecord({ userId: NOBODY, policy: { callTimeout: CALL_TIMEOUT } }) };
}
