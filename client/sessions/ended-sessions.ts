import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import { describeWorkflow } from '../temporal/messages.ts';
import { translateError } from '../temporal/translate-errors.ts';

const TYPE = 'endedSession';
/** No worker polls this task queue: the execution is a record, and nothing runs. */
const TASK_QUEUE = 'onward-ended-sessions';
const workflowIdOf = (sessionId: string) => `onward-ended-session:${sessionId}`;

/** The record closes at once and stays for the namespace's retention, of a day at least: longer than any session. */
const EXECUTION_TIMEOUT_MS = 1_000;
/** Reads accept an answer that is this old. */
const CACHE_MS = 2_000;
const READ_TIMEOUT_MS = 1_000;
const MAX_CACHED = 10_000;

/**
 * The browser sessions that were ended by a logout. Temporal is the only store that all gateways share, so each ended session is
 * an execution there: it holds no payload, and whether it exists is the answer.
 */
export class EndedSessions {
  readonly #client: Client;
  readonly #ended = new LRUCache<string, true>({ max: MAX_CACHED });
  readonly #open = new LRUCache<string, true>({ max: MAX_CACHED, ttl: CACHE_MS });

  constructor(client: Client) {
    this.#client = client;
  }

  /** Ends a session at every gateway. Throws `Unavailable` if only this process knows of it. */
  async end(sessionId: string): Promise<void> {
    this.#ended.set(sessionId, true);
    try {
      await this.#client.workflow.start(TYPE, {
        workflowId: workflowIdOf(sessionId),
        taskQueue: TASK_QUEUE,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowExecutionTimeout: EXECUTION_TIMEOUT_MS,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw translateError(error);
    }
  }

  /** Whether a session has ended, as of now. For what changes something. Throws `Unavailable`. */
  async hasEnded(sessionId: string): Promise<boolean> {
    if (this.#ended.has(sessionId)) return true;
    try {
      await describeWorkflow(this.#client, workflowIdOf(sessionId));
      this.#ended.set(sessionId, true);
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw translateError(error);
      this.#open.set(sessionId, true);
      return false;
    }
  }

  /**
   * Whether a session had ended two seconds ago. For reads. While Temporal is unavailable, it counts as open, so that the console
   * can show the outage; no command gets through then.
   */
  async hasEndedRecently(sessionId: string): Promise<boolean> {
    if (this.#ended.has(sessionId)) return true;
    if (this.#open.has(sessionId)) return false;
    try {
      return await this.#client.withDeadline(Date.now() + READ_TIMEOUT_MS, () => this.hasEnded(sessionId));
    } catch {
      this.#open.set(sessionId, true);
      return false;
    }
  }
}
