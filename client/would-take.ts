import { setTimeout as sleep } from 'node:timers/promises';
import { QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { journeyId, wouldTakeQuery } from '../workflows/contract.ts';
import type { CommandName } from '../workflows/contract.ts';
import type { UserOutcome } from '../workflows/operation/contract.ts';
import { statusFromServer } from './endings.ts';

/** How long the answer of one journey is waited for, in milliseconds. */
const ANSWER_WAIT = 10_000;
/** How long, and how often, a journey is asked again that awaits an answer on which its own depends. */
const BUSY_WAIT = 5_000;
const BUSY_PAUSE = 250;

/** What came, or would come, of a command for one user. */
export type Outcome = Omit<UserOutcome, 'userId'>;

const plain = { until: null, why: null };
export const unanswered: Outcome = { outcome: 'unanswered', ...plain };
export const taken: Outcome = { outcome: 'taken', ...plain };
export const notNow = (why: string): Outcome => ({ outcome: 'notNow', until: null, why });

/**
 * Asks a user's journey what would come of a command, and changes nothing.
 *
 * @param asOf milliseconds since 1970: what whoever gives the command knows of; a code that was sent later is not sent again
 */
export async function wouldTake(client: Client, userId: string, command: CommandName, asOf?: number): Promise<Outcome> {
  const handle = client.workflow.getHandle(journeyId(userId));
  const ask = () => handle.query(wouldTakeQuery, command, asOf === undefined ? {} : { asOf });
  try {
    for (const givenUpAt = Date.now() + BUSY_WAIT; Date.now() < givenUpAt; await sleep(BUSY_PAUSE)) {
      const answer = await client.withDeadline(Date.now() + ANSWER_WAIT, ask);
      if (answer !== 'busy') return answer;
    }
    return unanswered;
  } catch (error) {
    if (error instanceof QueryRejectedError || error instanceof WorkflowNotFoundError) {
      return ended(client, userId, command);
    }
    if (error instanceof ServiceError) return unanswered;
    throw error;
  }
}

/** A journey that is done needs no telling; one that ended otherwise, or was erased, takes none. */
export async function ended(client: Client, userId: string, command: CommandName): Promise<Outcome> {
  try {
    const { state } = statusFromServer(await client.workflow.getHandle(journeyId(userId)).describe());
    return state === 'done' ? { outcome: 'verified', ...plain } : notNow(`${command} is not allowed in ${state}`);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return notNow('there is no journey any more');
    throw error;
  }
}
