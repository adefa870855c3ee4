import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { Onward } from '../../client/onward.ts';
import type { Sfox } from '../../sandbox/sfox/index.ts';
import { journeyId } from '../../workflows/contract.ts';
import type { Child } from '../stand/child.ts';
import type { Server } from '../stand/server.ts';
import { policyOf } from './stories.ts';
import type { Story } from './stories.ts';

/** What one journey has cost, exactly. */
export interface Count {
  readonly events: number;
  readonly workflowTasks: number;
  /** By the server's own metric. */
  readonly actions: number;
  readonly bytes: number;
  readonly promises: number;
  /** How often its sandbox was entered. */
  readonly entries: number;
}

export interface Stage {
  readonly server: Server;
  readonly client: Client;
  readonly sfox: Sfox;
  readonly worker: Child;
  readonly taskQueue: string;
}

interface Waits {
  /** Until the journey has nothing more to do of its own accord; it is not asked itself. */
  readonly rests: () => Promise<void>;
}

const LOOK_EVERY = 20;
const LONGEST = 30_000;

/** Tells a story once, alone, and counts what it has cost. */
export function count(stage: Stage, story: Story): Promise<Count> {
  const { client, sfox, taskQueue } = stage;
  const userId = `${randomUUID()}${story.labels ?? ''}`;
  const onward = new Onward({ client, taskQueue, policy: policyOf(story) });
  return countOf(stage, userId, async ({ rests }) => {
    await onward.start(userId, { accountType: story.labels === '.business' ? 'business' : 'individual' });
    await rests();
    await story.tell({ userId, onward, sfox, rests });
  });
}

/** Lets a user's journey happen, waits for its end, and counts what it has cost. */
export async function countOf(
  { server, client, worker }: Stage,
  userId: string,
  happen: (waits: Waits) => Promise<void>,
): Promise<Count> {
  const handle = client.workflow.getHandle(journeyId(userId));
  const until = async (is: (described: WorkflowExecutionDescription) => boolean) => {
    for (const deadline = Date.now() + LONGEST; Date.now() < deadline; await pause(LOOK_EVERY)) {
      if (is(await handle.describe())) return;
    }
    throw new Error(`${userId}: waited in vain`);
  };
  const hasEnded = ({ status }: WorkflowExecutionDescription) => status.name !== 'RUNNING';
  const isAtRest = ({ raw }: WorkflowExecutionDescription) =>
    raw.pendingWorkflowTask == null && (raw.pendingActivities ?? []).length === 0;

  const entered = await worker.ask<number>('entries');
  await happen({ rests: () => until((described) => hasEnded(described) || isAtRest(described)) });
  await until(hasEnded);
  const actions = await server.billed();
  const { runId, historySize = 0 } = await handle.describe();
  const { events } = await handle.fetchHistory();
  return {
    events: events?.length ?? 0,
    workflowTasks: (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes != null).length,
    actions,
    bytes: historySize,
    promises: await worker.ask<number>('promises', runId),
    entries: (await worker.ask<number>('entries')) - entered,
  };
}
