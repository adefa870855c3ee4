import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { changesOf, journeyId, readChangeId } from '../workflows/contract.ts';
import { NotFound, Unavailable } from './errors.ts';
import { reach } from './reading.ts';
import { isMissing } from './temporal-errors.ts';

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** How long the proof is waited for, and how often it is asked for. Temporal deletes in its own time. */
const PROOF_WAIT = 20_000;
const PROOF_EVERY = 250;

/**
 * Erases what Temporal keeps of a user, and proves it.
 *
 * 1. An open journey is terminated first: nothing more is sent.
 * 2. Every execution is deleted, those that carried on from one another too.
 * 3. Visibility, the execution and its history are asked again, until none of them knows it.
 */
export class Erasing {
  readonly #client: Client;
  readonly #wait: number;

  /** @param wait how long the proof is waited for, in milliseconds */
  constructor(client: Client, wait = PROOF_WAIT) {
    this.#client = client;
    this.#wait = wait;
  }

  /** Throws `NotFound` where nothing is kept, and `Unavailable` where the proof is not there in time: asking again is safe. */
  async erase(userId: string): Promise<void> {
    const workflowId = journeyId(userId);
    await this.#terminate(workflowId);
    const erased = new Map<string, Run>();
    const deadline = Date.now() + this.#wait;
    for (;;) {
      const left = await this.#runsOf(userId);
      if (left.length === 0 && erased.size === 0) throw new NotFound();
      // What came in between, such as a change of status that was just being handed over, is found the next time.
      for (const run of left) if (!erased.has(run.runId)) await this.#delete(run);
      for (const run of left) erased.set(run.runId, run);
      if (left.length === 0 && (await this.#areGone([...erased.values()]))) return;
      if (Date.now() > deadline) throw new Unavailable('erasing goes on and is not proven yet: ask again');
      await pause(PROOF_EVERY);
    }
  }

  async #terminate(workflowId: string): Promise<void> {
    try {
      await reach(() => this.#client.workflow.getHandle(workflowId).terminate('erased'));
    } catch (error) {
      // It has ended, or there is none.
      if (!(error instanceof NotFound)) throw error;
    }
  }

  /** By visibility, and the newest by the execution itself, which visibility may not know yet. */
  async #runsOf(userId: string): Promise<Run[]> {
    const workflowId = journeyId(userId);
    const runs = new Map<string, Run>();
    const query = `WorkflowId = '${workflowId}' OR WorkflowId STARTS_WITH '${changesOf(userId)}'`;
    for await (const { workflowId: id, runId } of this.#client.workflow.list({ query })) {
      // A longer user id may begin as this one does.
      if (id === workflowId || readChangeId(id)?.userId === userId) runs.set(runId, { workflowId: id, runId });
    }
    const runId = await this.#newest(workflowId);
    if (runId !== undefined) runs.set(runId, { workflowId, runId });
    return [...runs.values()];
  }

  async #newest(workflowId: string): Promise<string | undefined> {
    return orMissing(async () => (await this.#client.workflow.getHandle(workflowId).describe()).runId);
  }

  async #delete({ workflowId, runId }: Run): Promise<void> {
    const { namespace } = this.#client.options;
    const workflowExecution = { workflowId, runId };
    await orMissing(() => this.#client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }));
  }

  async #areGone(runs: readonly Run[]): Promise<boolean> {
    for (const { workflowId, runId } of runs) {
      const handle = this.#client.workflow.getHandle(workflowId, runId);
      if ((await orMissing(() => handle.describe())) !== undefined) return false;
      if ((await orMissing(() => handle.fetchHistory())) !== undefined) return false;
    }
    return true;
  }
}

/** `undefined` where Temporal knows no such execution. */
async function orMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || isMissing(error)) return undefined;
    throw error;
  }
}
