import type { Client } from '@temporalio/client';
import { openBeginning } from '../../workflows/engine/client.ts';
import { CommandError } from '../../workflows/engine/core/definition.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import { journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { Signup } from '../../workflows/contract.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { parseStart } from '../../workflows/journey/stored/parse-start.ts';
import { NotFound } from '../errors.ts';
import { recordOf } from '../journey-log/record.ts';
import type { JourneyRecord } from '../journey-log/record.ts';
import { toBeginning } from '../journeys/beginning.ts';
import { openResultOf } from '../journeys/closed-journey.ts';
import { isNotFound } from '../temporal/grpc-codes.ts';
import { decodePayload, openOrUnreadable, UNREADABLE } from '../temporal/messages.ts';
import { workflowContext } from '../temporal/serialization-context.ts';
import { translateError } from '../temporal/translate-errors.ts';
import { replayTasks } from './replay-tasks.ts';
import { UnknownEvent, WorkflowTaskReader } from './workflow-tasks.ts';
import type { HistoryEvent } from './workflow-tasks.ts';

/**
 * Reads the record of a journey from its history, in one call and without a worker. A query of an open journey may have to replay it, and
 * evicts another one from the worker's cache.
 *
 * @returns `undefined` if the history alone does not clearly say what happened: `StatusReader.record` asks the journey
 * @throws NotFound Unavailable LogIncomplete
 */
export async function readRecordFromHistory(client: Client, userId: string): Promise<JourneyRecord | undefined> {
  const workflowId = journeyId(userId);
  const { history, nextPageToken } = await client.workflowService
    .getWorkflowExecutionHistory({ namespace: client.options.namespace, execution: { workflowId } })
    .catch((error: unknown) => {
      throw isNotFound(error) ? new NotFound() : translateError(error);
    });
  return nextPageToken.length > 0 ? undefined : recordOfHistory(client, workflowId, history?.events ?? []);
}

/** Returns the record of a journey from all events of its only run; `undefined` if they do not clearly say what happened. */
export async function recordOfHistory(
  client: Client,
  workflowId: string,
  events: readonly HistoryEvent[],
): Promise<JourneyRecord | undefined> {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const payload = started?.input?.payloads?.[0];
  const value = await decodePayload(client, payload, workflowContext(client, workflowId));
  const beginning = openOrUnreadable(() => openBeginning(value, WORKFLOW_TYPE));
  // A journey that has continued as new began in another run.
  if (beginning === UNREADABLE || !('start' in beginning)) return undefined;
  try {
    const signup = parseStart(beginning.start);
    const execution = { workflowId, runId: started?.originalExecutionRunId ?? '' };
    const log =
      (await logOfResult(client, execution, events)) ?? (await logOfTasks(client, workflowId, signup, events));
    return log && recordOf(log, toBeginning(signup));
  } catch (error) {
    const isUnclear =
      error instanceof UnknownEvent || error instanceof UnreadableValue || error instanceof CommandError;
    if (isUnclear) return undefined;
    throw error;
  }
}

async function logOfResult(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
  events: readonly HistoryEvent[],
): Promise<readonly LogEntry[] | undefined> {
  const last = events.at(-1);
  return last && (await openResultOf(client, execution, last))?.carried.log;
}

async function logOfTasks(
  client: Client,
  workflowId: string,
  signup: Signup,
  events: readonly HistoryEvent[],
): Promise<readonly LogEntry[] | undefined> {
  return replayTasks(signup, await new WorkflowTaskReader(client, workflowId).read(events))?.log;
}
