import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { journeyId, userOf, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { listExecutions } from '../search/list-executions.ts';
import { isInvalidArgument, isNotFound } from '../temporal/grpc-codes.ts';
import { describeWorkflow } from '../temporal/messages.ts';

interface Journeys {
  readonly count: number;
  /** User ids of a few of them. */
  readonly examples: readonly string[];
}

/** Journeys whose workflow task fails on every attempt. */
export interface FailingJourneys extends Journeys {
  /** Journeys whose task times out instead: the history takes long to replay, or the worker is overloaded. */
  readonly timedOut: Journeys;
}

/** Attempts from which a task counts as failing. A worker crash alone causes a second attempt. */
const MIN_FAILED_ATTEMPTS = 3;
/** Number of newest journeys to describe one by one if visibility does not report failing tasks. */
const MAX_INSPECTED = 50;
const MAX_EXAMPLES = 3;
const MAX_EVENTS_READ = 20;

const running = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
const reported = (problem: string) => `${running} AND TemporalReportedProblems IN ('category=${problem}')`;

/** Finds failing journeys. Temporal 1.30 and later lists them; on older servers, checks the newest journeys. */
export async function findFailing(client: Client): Promise<FailingJourneys> {
  try {
    const [failed, timedOut] = await Promise.all(
      ['WorkflowTaskFailed', 'WorkflowTaskTimedOut'].map((problem) => listed(client, reported(problem))),
    );
    if (failed !== undefined && timedOut !== undefined) return { ...failed, timedOut };
  } catch (error) {
    if (!isInvalidArgument(error)) throw error;
  }
  const users = await usersOf(client, running, MAX_INSPECTED);
  const problems = await Promise.all(users.map((userId) => problemOf(client, userId)));
  const withProblem = (wanted: Problem): Journeys => {
    const found = users.filter((_, nth) => problems[nth] === wanted);
    return { count: found.length, examples: found.slice(0, MAX_EXAMPLES) };
  };
  return { ...withProblem('failed'), timedOut: withProblem('timedOut') };
}

async function listed(client: Client, query: string): Promise<Journeys> {
  const { count } = await client.workflow.count(query);
  return { count, examples: count === 0 ? [] : await usersOf(client, query, MAX_EXAMPLES) };
}

async function usersOf(client: Client, query: string, most: number): Promise<string[]> {
  const { executions } = await listExecutions(client, query, most, undefined);
  return executions.map(({ execution }) => userOf(execution?.workflowId ?? ''));
}

type Problem = 'failed' | 'timedOut';

async function problemOf(client: Client, userId: string): Promise<Problem | undefined> {
  const { namespace } = client.options;
  const execution = { workflowId: journeyId(userId) };
  try {
    const { raw } = await describeWorkflow(client, execution.workflowId);
    if ((raw.pendingWorkflowTask?.attempt ?? 0) < MIN_FAILED_ATTEMPTS) return undefined;
    // Only the first attempt that does not succeed is written to the history.
    const newest = { namespace, execution, maximumPageSize: MAX_EVENTS_READ };
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse(newest);
    const ended = history?.events?.find(
      (event) => event.workflowTaskFailedEventAttributes != null || event.workflowTaskTimedOutEventAttributes != null,
    );
    return ended?.workflowTaskTimedOutEventAttributes == null ? 'failed' : 'timedOut';
  } catch (error) {
    // Erased since it was listed.
    if (error instanceof WorkflowNotFoundError || isNotFound(error)) return undefined;
    throw error;
  }
}
