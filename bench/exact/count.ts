import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { Onward } from '../../client/onward.ts';
import type { Sfox } from '../../sandbox/sfox/index.ts';
import { journeyId } from '../../workflows/contract.ts';
import type { Child } from '../harness/child.ts';
import type { Server } from '../harness/server.ts';
import { buildPolicy } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';

/** The exact cost of one journey. */
export interface Count {
  readonly events: number;
  readonly workflowTasks: number;
  /** Billed actions, by the metric of the server. */
  readonly actions: number;
  readonly bytes: number;
  readonly promises: number;
  /** How many times the SDK entered the workflow sandbox. */
  readonly entries: number;
}

export interface MeasuredSystem {
  readonly server: Server;
  readonly client: Client;
  readonly sfox: Sfox;
  readonly worker: Child;
  readonly taskQueue: string;
}

interface Waits {
  /** Waits until the journey has no pending workflow task or activity, without a query. */
  readonly waitUntilIdle: () => Promise<void>;
}

const POLL_INTERVAL_MS = 20;
const TIMEOUT_MS = 30_000;

/** Runs a scenario once and counts its cost. */
export function countScenario(system: MeasuredSystem, scenario: Scenario): Promise<Count> {
  const { client, sfox, taskQueue } = system;
  const userId = `${randomUUID()}${scenario.labels ?? ''}`;
  const onward = new Onward({ client, taskQueue, policy: buildPolicy(scenario) });
  return countJourney(system, userId, async ({ waitUntilIdle }) => {
    await onward.start(userId, { accountType: scenario.labels === '.business' ? 'business' : 'individual' });
    await waitUntilIdle();
    await scenario.run({ userId, onward, sfox, waitUntilIdle });
  });
}

/** Runs a user's journey, waits until it ends, and counts its cost. */
export async function countJourney(
  { server, client, worker }: MeasuredSystem,
  userId: string,
  runSteps: (waits: Waits) => Promise<void>,
): Promise<Count> {
  const handle = client.workflow.getHandle(journeyId(userId));
  const waitUntil = async (is: (described: WorkflowExecutionDescription) => boolean) => {
    for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await pause(POLL_INTERVAL_MS)) {
      if (is(await handle.describe())) return;
    }
    throw new Error(`the journey of ${userId} did not reach the expected status within ${TIMEOUT_MS} ms`);
  };
  const hasEnded = ({ status }: WorkflowExecutionDescription) => status.name !== 'RUNNING';
  const isAtRest = ({ raw }: WorkflowExecutionDescription) =>
    raw.pendingWorkflowTask == null && (raw.pendingActivities ?? []).length === 0;

  const entriesBefore = await worker.request<number>('entries');
  await runSteps({ waitUntilIdle: () => waitUntil((described) => hasEnded(described) || isAtRest(described)) });
  await waitUntil(hasEnded);
  const actions = await server.readBilledActions();
  const { runId, historySize = 0 } = await handle.describe();
  const { events } = await handle.fetchHistory();
  return {
    events: events?.length ?? 0,
    workflowTasks: (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes != null).length,
    actions,
    bytes: historySize,
    promises: await worker.request<number>('promises', runId),
    entries: (await worker.request<number>('entries')) - entriesBefore,
  };
}
