import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../../client/http-client/index.ts';
import type { OnwardClient } from '../../../client/http-client/index.ts';
import type { Mail, Sfox } from '../../../sandbox/sfox/index.ts';

const POLL_INTERVAL_MS = 100;
const RETRY_INTERVAL_MS = 500;

/** Users who submit each code that they receive. */
export class SimulatedUsers {
  readonly #sfox: Sfox;
  readonly #app: () => OnwardClient;
  readonly #stopped = new AbortController();
  readonly #submitting = new Set<Promise<void>>();
  #readCount = 0;

  /** @param app returns a client for each attempt, because gateways come and go */
  constructor(sfox: Sfox, app: () => OnwardClient) {
    this.#sfox = sfox;
    this.#app = app;
    setMaxListeners(0, this.#stopped.signal);
  }

  /** Submits codes until `stop` is called. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      for (const mail of this.#sfox.outbox().slice(this.#readCount)) {
        this.#readCount += 1;
        const submission: Promise<void> = this.#submit(mail).finally(() => this.#submitting.delete(submission));
        this.#submitting.add(submission);
      }
      await pause(POLL_INTERVAL_MS);
    }
  }

  /** Aborts attempts in progress, and resolves when none is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled(this.#submitting);
  }

  /** Retries until the outcome is known, or a newer code was sent. */
  async #submit(mail: Mail): Promise<void> {
    const { userId, channel, code } = mail;
    const idempotencyKey = randomUUID();
    while (!this.#stopped.signal.aborted && this.#isNewest(mail)) {
      let waitMs = RETRY_INTERVAL_MS;
      try {
        const { outcome } = await this.#app().submitCode(userId, { channel, code }, { idempotencyKey });
        if (outcome !== 'pending') return;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        waitMs = (error.retryAfter ?? 0) * 1_000 || RETRY_INTERVAL_MS;
      }
      await pause(waitMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }

  #isNewest({ userId, channel, at }: Mail): boolean {
    return this.#sfox.outbox(userId).every((other) => other.channel !== channel || other.at <= at);
  }
}
