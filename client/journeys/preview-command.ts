import { setTimeout as sleep } from 'node:timers/promises';
import { QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { journeyId } from '../../workflows/contract.ts';
import type { PreviewRequest, Queries } from '../../workflows/contract.ts';
import type { UserOutcome } from '../../workflows/bulk-operation/contract.ts';
import { queryWorkflow } from '../temporal/messages.ts';
import { describeJourney, finalStateOf, readResult, statusFromServer } from './closed-journey.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { parsePreview } from '../../workflows/journey/stored/parse-preview.ts';

/** Timeout of one query, in milliseconds. */
const QUERY_TIMEOUT_MS = 10_000;
/** Timeout and interval for retrying while the journey waits for a provider reply that decides the result, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_RETRY_MS = 250;

/** The actual or expected result of a command for one user. */
export type CommandOutcome = Omit<UserOutcome, 'userId'>;

const parseAnswer: Parser<Queries['preview']['answer']> = (value, path) =>
  value === 'busy' ? value : parsePreview(value, path);

const plain = { until: null, why: null };
export const unanswered: CommandOutcome = { outcome: 'unanswered', ...plain };
export const invalidState = (why: string): CommandOutcome => ({ outcome: 'invalidState', until: null, why });

/**
 * Queries the expected result of a command. Changes nothing.
 *
 * @param request.asOf milliseconds since the epoch, the time of the information on which the caller decided: a code sent later is
 *   not sent again
 */
export async function previewCommand(client: Client, userId: string, request: PreviewRequest): Promise<CommandOutcome> {
  const { command } = request;
  const handle = client.workflow.getHandle(journeyId(userId));
  const query = async () => parseAnswer(await queryWorkflow(handle, 'preview', request), 'preview');
  try {
    for (const deadline = Date.now() + BUSY_TIMEOUT_MS; Date.now() < deadline; await sleep(BUSY_RETRY_MS)) {
      const answer = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, query);
      if (answer !== 'busy') return answer;
    }
    return unanswered;
  } catch (error) {
    if (error instanceof QueryRejectedError || error instanceof WorkflowNotFoundError) {
      return ended(client, userId, command);
    }
    if (error instanceof ServiceError || error instanceof UnreadableValue) return unanswered;
    throw error;
  }
}

/** Returns the result for a closed journey: `verified` if it is done, otherwise, or if it was erased, `invalidState`. */
export async function ended(
  client: Client,
  userId: string,
  command: PreviewRequest['command'],
): Promise<CommandOutcome> {
  try {
    const described = await describeJourney(client, userId);
    const isClosed = finalStateOf(described.status.code) !== undefined;
    const result = isClosed ? await readResult(client, userId) : undefined;
    const { state } = result?.status ?? (await statusFromServer(client, described));
    return state === 'done' ? { outcome: 'verified', ...plain } : invalidState(`${command} is not allowed in ${state}`);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return invalidState('the journey no longer exists');
    throw error;
  }
}
