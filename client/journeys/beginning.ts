import type { Client } from '@temporalio/client';
import { openBeginning } from '../../workflows/engine/client.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { StoredFields } from '../../workflows/engine/core/migrations.ts';
import { journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { Signup } from '../../workflows/contract.ts';
import { parseStart } from '../../workflows/journey/stored/parse-start.ts';
import { deserialize } from '../../workflows/journey/transition.ts';
import { Unavailable } from '../errors.ts';
import type { JourneyBeginning } from '../journey-log/record.ts';
import { isNotFound } from '../temporal/grpc-codes.ts';
import { decodePayload, openOrUnreadable, UNREADABLE } from '../temporal/messages.ts';
import { unreadableOnThisRelease } from './closed-journey.ts';
import { workflowContext } from '../temporal/serialization-context.ts';

/**
 * Reads the input of a journey from the first event of its history. Needs no worker. A journey that has continued as new began
 * in its first run; once that is deleted, what it took over from an earlier journey is unknown.
 */
export async function readBeginning(client: Client, userId: string): Promise<JourneyBeginning> {
  const newest = await readRun(client, userId);
  if ('start' in newest) return beginningOf(newest.start);
  const first = await readRun(client, userId, newest.firstRunId).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (first !== undefined && 'start' in first) return beginningOf(first.start);
  const { snapshot } = parseStored('state', () => deserialize(newest.stored));
  const { accountType, policy } = snapshot.context;
  return { userId, accountType, policy, isPresentPolicy: true };
}

type RunStart = { readonly start: unknown } | { readonly stored: StoredFields; readonly firstRunId: string };

/** Reads how a run began; without an id, the newest run. */
async function readRun(client: Client, userId: string, runId = ''): Promise<RunStart> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: journeyId(userId), runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payload = started?.input?.payloads?.[0];
  const value = await decodePayload(client, payload, workflowContext(client, journeyId(userId)));
  const beginning = openOrUnreadable(() => openBeginning(value, WORKFLOW_TYPE));
  if (beginning === UNREADABLE)
    throw new Unavailable('the start of this journey cannot be read; check ONWARD_ENCRYPTION_KEYS', { lasting: true });
  return { ...beginning, firstRunId: started?.firstExecutionRunId ?? '' };
}

const beginningOf = (stored: unknown): JourneyBeginning => toBeginning(parseStored('start', () => parseStart(stored)));

/** The facts of a sign-up in a record, without its provider and its receiver. */
export function toBeginning({ userId, accountType, policy, restarted }: Signup): JourneyBeginning {
  return { userId, accountType, policy, ...(restarted !== undefined && { restarted }) };
}

/**
 * Parses a stored value by a parser of the workflow, and translates its error.
 *
 * @throws Unavailable
 */
function parseStored<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof UnreadableValue ? unreadableOnThisRelease(what) : error;
  }
}
