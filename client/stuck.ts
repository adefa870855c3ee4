import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { checkQueue, sendQueue, TASK_QUEUE, userOf, WORKFLOW_TYPE } from '../workflows/contract.ts';
import { Directory, listExecutions } from './directory.ts';
import { reach } from './reading.ts';
import { isInvalid } from './temporal-errors.ts';

/**
 * Why nothing happens, told apart by who can do something about it.
 *
 * - `noWorker`: nobody polls one of the task queues
 * - `codeError`: the journey's code fails on what has happened, again and again
 * - `credentials`: the provider refuses the key
 * - `providerAway`: the provider is not reached, or takes no more requests; recovery goes on from there
 * - `providerRefuses`: the provider says no to these users
 * - `operator`: locked or paused; an operator opens or resumes
 * - `time`: over a limit of sends; it goes on by itself
 * - `user`: a code is out or on its way; nothing is wrong
 */
export const stuckKinds = [
  'noWorker',
  'codeError',
  'credentials',
  'providerAway',
  'providerRefuses',
  'operator',
  'time',
  'user',
] as const;
export type StuckKind = (typeof stuckKinds)[number];

export interface Stuck {
  readonly kind: StuckKind;
  /** Journeys that are stuck so; for `noWorker` every open one may be. */
  readonly journeys: number;
  /** In plain words; `null` where it is not so. */
  readonly words: string | null;
}

type Description = temporal.api.workflowservice.v1.IDescribeTaskQueueResponse;

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** A worker polls for a minute at a time. */
const POLLED_WITHIN = 90_000;

/** A worker's death repeats a task once. */
const FAILING = 3;
/** Where visibility does not know failing tasks, so many of the newest journeys are looked at one by one. */
const LOOKED_AT = 50;
const EXAMPLES = 3;

/** What is stuck, each kind of it, the gravest first. No worker is needed. Throws `Unavailable`. */
export function whatIsStuck(client: Client, { taskQueue = TASK_QUEUE } = {}): Promise<readonly Stuck[]> {
  return reach(async () => {
    const [unpolled, failing, counts] = await Promise.all([
      unpolledQueues(client, taskQueue),
      failingJourneys(client),
      countJourneys(new Directory(client), client),
    ]);
    const { open, ...stuck } = counts;
    const journeys = { noWorker: unpolled.length > 0 ? open : 0, codeError: failing.count, ...stuck };
    return stuckKinds.map((kind) => {
      const isSo = kind === 'noWorker' ? unpolled.length > 0 : journeys[kind] > 0;
      const words = isSo
        ? phrases[kind](many(journeys[kind]), kind === 'noWorker' ? unpolled : failing.examples)
        : null;
      return { kind, journeys: journeys[kind], words };
    });
  });
}

const phrases: { readonly [K in StuckKind]: (journeys: string, names: readonly string[]) => string } = {
  noWorker: (journeys, queues) => `no worker polls ${queues.join(', ')}: start one; ${journeys} may wait for it`,
  codeError: (journeys, users) =>
    `a fault in our own code stops ${journeys}, such as ${users.join(', ')}: its workflow task fails again and again; deploy code that is mended, or the code before`,
  credentials: (journeys) => `the provider refuses the key: ${journeys} stalled; recovery goes on once the key works`,
  providerAway: (journeys) => `the provider is away: ${journeys} stalled; recovery goes on once it is back`,
  providerRefuses: (journeys) => `the provider refuses ${journeys}: each says why, and only an operator retries it`,
  operator: (journeys) => `${journeys} locked or paused until an operator acts`,
  time: (journeys) => `${journeys} over a limit of sends, going on by time alone`,
  user: (journeys) => `${journeys} waiting for the user: nothing is wrong`,
};

const many = (count: number) => `${count} ${count === 1 ? 'journey' : 'journeys'}`;

async function countJourneys(directory: Directory, client: Client) {
  const running = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
  const [open, locked, paused, stalled] = await Promise.all([
    client.workflow.count(running).then(({ count }) => count),
    directory.count({ step: 'locked' }),
    directory.count({ step: 'paused' }),
    directory.count({ step: 'stalled' }),
  ]);
  const { reasons } = await directory.summary();
  return {
    open,
    credentials: reasons.credentials,
    providerAway: reasons.providerUnavailable + reasons.rateLimited,
    providerRefuses: reasons.providerRefused,
    operator: locked + paused,
    time: reasons.sendLimit,
    user: Math.max(0, open - locked - paused - stalled),
  };
}

async function unpolledQueues(client: Client, taskQueue: string): Promise<string[]> {
  const queues = [
    { name: taskQueue, type: TASK_QUEUE_TYPE_WORKFLOW },
    { name: sendQueue(taskQueue), type: TASK_QUEUE_TYPE_ACTIVITY },
    { name: checkQueue(taskQueue), type: TASK_QUEUE_TYPE_ACTIVITY },
  ];
  const described = await Promise.all(
    queues.map(async ({ name, type }) => {
      const { namespace } = client.options;
      const request = { namespace, taskQueue: { name }, taskQueueType: type };
      return { name, description: await client.workflowService.describeTaskQueue(request) };
    }),
  );
  return described.filter(({ description }) => !isPolled(description)).map(({ name }) => name);
}

function isPolled({ pollers }: Description): boolean {
  const since = (Date.now() - POLLED_WITHIN) / 1_000;
  return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) > since);
}

interface Failing {
  readonly count: number;
  readonly examples: readonly string[];
}

/** Servers from 1.30 on list them; with an older one the newest journeys are looked at. */
async function failingJourneys(client: Client): Promise<Failing> {
  const running = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
  const reported = `${running} AND TemporalReportedProblems IN ('category=WorkflowTaskFailed')`;
  try {
    const { count } = await client.workflow.count(reported);
    const { executions } = await listExecutions(client, reported, EXAMPLES, undefined);
    return { count, examples: executions.map(({ execution }) => userOf(execution?.workflowId ?? '')) };
  } catch (error) {
    if (!isInvalid(error)) throw error;
  }
  const { executions } = await listExecutions(client, running, LOOKED_AT, undefined);
  const looked = await Promise.all(executions.map(({ execution }) => isFailing(client, execution?.workflowId ?? '')));
  const failing = executions
    .filter((_, nth) => looked[nth])
    .map(({ execution }) => userOf(execution?.workflowId ?? ''));
  return { count: failing.length, examples: failing.slice(0, EXAMPLES) };
}

async function isFailing(client: Client, workflowId: string): Promise<boolean> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return (raw.pendingWorkflowTask?.attempt ?? 0) >= FAILING;
}
