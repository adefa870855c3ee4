import { setTimeout as sleep } from 'node:timers/promises';
import { QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { ask, CLOSED } from '../client/ask.ts';
import { statusFromServer } from '../client/endings.ts';
import { CoolingDown, NotNow, Unavailable } from '../client/errors.ts';
import { commandUpdates, journeyId, wouldTakeQuery } from '../workflows/contract.ts';
import type { TellRequest, UserOutcome } from '../workflows/operation/contract.ts';

/** How long the answer of one journey is waited for, in milliseconds. */
const ANSWER_WAIT = 10_000;
/** How long, and how often, a journey is asked again that awaits an answer on which its own depends. */
const BUSY_WAIT = 5_000;
const BUSY_PAUSE = 250;

type Outcome = Omit<UserOutcome, 'userId'>;

const plain = { until: null, why: null };
const unanswered: Outcome = { outcome: 'unanswered', ...plain };
const notNow = (why: string): Outcome => ({ outcome: 'notNow', until: null, why });

/** Tells a user's journey a command, or asks what would come of it, and says what came of it. */
export function telling(client: Client, request: TellRequest): (userId: string) => Promise<UserOutcome> {
  const one = request.dryRun ? wouldTake : tell;
  return async (userId) => ({ userId, ...(await one(client, userId, request)) });
}

async function tell(client: Client, userId: string, request: TellRequest): Promise<Outcome> {
  const { id, command, by, reason, asOf } = request;
  const role = by.role === 'app' ? by.role : 'operator';
  // One operation tells a journey once, whichever worker dies meanwhile.
  const caller = { role, name: by.name, idempotencyKey: `operation:${id}` } as const;
  try {
    const asked: { readonly reason: string | null; readonly asOf: number } = { reason, asOf };
    const reply = await ask(client, userId, commandUpdates[command], asked, caller, ANSWER_WAIT);
    return reply === CLOSED ? await ended(client, userId, request) : (reply.took ?? { outcome: 'taken', ...plain });
  } catch (error) {
    if (error instanceof CoolingDown) return { outcome: 'overLimit', until: error.retryAt.toISOString(), why: null };
    if (error instanceof NotNow) return notNow(error.message);
    if (error instanceof Unavailable && error.afterDeadline) return unanswered;
    throw error;
  }
}

async function wouldTake(client: Client, userId: string, request: TellRequest): Promise<Outcome> {
  const { command, asOf } = request;
  const handle = client.workflow.getHandle(journeyId(userId));
  try {
    for (const givenUpAt = Date.now() + BUSY_WAIT; Date.now() < givenUpAt; await sleep(BUSY_PAUSE)) {
      const answer = await client.withDeadline(Date.now() + ANSWER_WAIT, () =>
        handle.query(wouldTakeQuery, command, { asOf }),
      );
      if (answer !== 'busy') return answer;
    }
    return unanswered;
  } catch (error) {
    if (error instanceof QueryRejectedError || error instanceof WorkflowNotFoundError) {
      return ended(client, userId, request);
    }
    if (error instanceof ServiceError) return unanswered;
    throw error;
  }
}

/** A journey that is done needs no telling; one that ended otherwise, or was erased, takes none. */
async function ended(client: Client, userId: string, { command }: TellRequest): Promise<Outcome> {
  try {
    const { state } = statusFromServer(await client.workflow.getHandle(journeyId(userId)).describe());
    return state === 'done' ? { outcome: 'verified', ...plain } : notNow(`${command} is not allowed in ${state}`);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return notNow('there is no journey any more');
    throw error;
  }
}
