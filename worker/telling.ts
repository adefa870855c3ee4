import type { Client } from '@temporalio/client';
import { ask, CLOSED } from '../client/ask.ts';
import { CoolingDown, NotNow, Unavailable } from '../client/errors.ts';
import { ended, notNow, taken, unanswered, wouldTake } from '../client/would-take.ts';
import type { Outcome } from '../client/would-take.ts';
import { commandUpdates } from '../workflows/contract.ts';
import type { TellRequest, UserOutcome } from '../workflows/operation/contract.ts';

/** How long the answer of one journey is waited for, in milliseconds. */
const ANSWER_WAIT = 10_000;

/** Tells a user's journey a command, or asks what would come of it, and says what came of it. */
export function telling(client: Client, request: TellRequest): (userId: string) => Promise<UserOutcome> {
  const { command, asOf, dryRun } = request;
  const one = (userId: string) => (dryRun ? wouldTake(client, userId, command, asOf) : tell(client, userId, request));
  return async (userId) => ({ userId, ...(await one(userId)) });
}

async function tell(client: Client, userId: string, request: TellRequest): Promise<Outcome> {
  const { id, command, by, reason, asOf } = request;
  const role = by.role === 'app' ? by.role : 'operator';
  // One operation tells a journey once, whichever worker dies meanwhile.
  const caller = { role, name: by.name, idempotencyKey: `operation:${id}` } as const;
  try {
    const asked: { readonly reason: string | null; readonly asOf: number } = { reason, asOf };
    const reply = await ask(client, userId, commandUpdates[command], asked, caller, ANSWER_WAIT);
    return reply === CLOSED ? await ended(client, userId, command) : (reply.took ?? taken);
  } catch (error) {
    if (error instanceof CoolingDown) return { outcome: 'overLimit', until: error.retryAt.toISOString(), why: null };
    if (error instanceof NotNow) return notNow(error.message);
    if (error instanceof Unavailable && (error.afterDeadline || error.heldUp)) return unanswered;
    throw error;
  }
}
