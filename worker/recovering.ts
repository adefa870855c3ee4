import type { Client } from '@temporalio/client';
import { ask, CLOSED } from '../client/ask.ts';
import { CoolingDown, NotNow, Unavailable } from '../client/errors.ts';
import { Stalled } from '../client/stalled.ts';
import { recoverUpdate } from '../workflows/contract.ts';
import { recoveryActor } from '../workflows/recovery/contract.ts';
import type { RecoveryActivities, Tried, TryRequest } from '../workflows/recovery/contract.ts';
import { alive } from './alive.ts';
import { paced } from './pace.ts';

/** Longer than the provider may take over one request, and than a send waits for its turn. */
const ANSWER_WAIT = 30_000;

/** What recovery asks of its worker: it finds stalled journeys, and tells them to try. */
export function recoveryActivities(client: Client, closing: AbortSignal): RecoveryActivities {
  return {
    oldestStalled: ({ taskQueue, ...request }) => new Stalled(client, taskQueue).oldest(request),
    tryEach: (request) =>
      alive(closing, () =>
        paced(request.users, {
          perSecond: request.perSecond,
          call: (userId) => tryOne(client, userId, request),
          goOn: (answered) => !closing.aborted && answered.every(wasJudged),
        }),
      ),
  };
}

const wasJudged = ({ verdict }: Tried) => verdict === 'judged' || verdict === 'skipped';

async function tryOne(client: Client, userId: string, { run, reason }: TryRequest): Promise<Tried> {
  const caller = { ...recoveryActor, once: `recovery:${run}` };
  try {
    const request: { readonly reason: string | null } = { reason };
    const reply = await ask(client, userId, recoverUpdate, request, caller, ANSWER_WAIT);
    if (reply === CLOSED) return { userId, verdict: 'skipped' };
    return { userId, verdict: reply.verdict.reason ?? 'judged' };
  } catch (error) {
    if (error instanceof NotNow || error instanceof CoolingDown) return { userId, verdict: 'skipped' };
    if (error instanceof Unavailable && error.heldUp) return { userId, verdict: 'skipped' };
    // The journey does not answer: whatever is wrong, it is no sign that the provider is back.
    if (error instanceof Unavailable && error.afterDeadline) return { userId, verdict: 'providerUnavailable' };
    throw error;
  }
}
