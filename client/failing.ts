import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { journeyId, userOf, WORKFLOW_TYPE } from '../workflows/contract.ts';
import { listExecutions } from './executions.ts';
import { isInvalid } from './temporal-errors.ts';

/** Journeys whose workflow task fails again and again: their code fails on what has happened. */
export interface Failing {
  readonly count: number;
  /** The users of a few of them. */
  readonly examples: readonly string[];
}

/** A worker's death repeats a task once. */
const FAILING = 3;
/** Where visibility does not know failing tasks, so many of the newest journeys are looked at one by one. */
const LOOKED_AT = 50;
const EXAMPLES = 3;

const running = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
const reported = `${running} AND TemporalReportedProblems IN ('category=WorkflowTaskFailed')`;

/** Finds failing journeys. Servers from 1.30 on list them; with an older one the newest journeys are looked at. */
export async function findFailing(client: Client): Promise<Failing> {
  try {
    const { count } = await client.workflow.count(reported);
    return { count, examples: count === 0 ? [] : await usersOf(client, reported, EXAMPLES) };
  } catch (error) {
    if (!isInvalid(error)) throw error;
  }
  const users = await usersOf(client, running, LOOKED_AT);
  const looked = await Promise.all(users.map((userId) => isFailing(client, userId)));
  const failing = users.filter((_, nth) => looked[nth]);
  return { count: failing.length, examples: failing.slice(0, EXAMPLES) };
}

async function usersOf(client: Client, query: string, most: number): Promise<string[]> {
  const { executions } = await listExecutions(client, query, most, undefined);
  return executions.map(({ execution }) => userOf(execution?.workflowId ?? ''));
}

async function isFailing(client: Client, userId: string): Promise<boolean> {
  try {
    const { raw } = await client.workflow.getHandle(journeyId(userId)).describe();
    return (raw.pendingWorkflowTask?.attempt ?? 0) >= FAILING;
  } catch (error) {
    // Erased since it was listed.
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
