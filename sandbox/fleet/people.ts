import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../client/http/index.ts';
import type { OnwardClient } from '../../client/http/index.ts';
import type { Mail, Sfox } from '../sfox/index.ts';

const LOOK = 100;
const TRY_AGAIN = 500;

/** People who look into their mail and enter each code that they find there. */
export class People {
  readonly #sfox: Sfox;
  readonly #app: () => OnwardClient;
  readonly #over = new AbortController();
  readonly #entering = new Set<Promise<void>>();
  #read = 0;

  /** @param app asked anew at each try, since gateways come and go */
  constructor(sfox: Sfox, app: () => OnwardClient) {
    this.#sfox = sfox;
    this.#app = app;
    setMaxListeners(0, this.#over.signal);
  }

  /** Until `stop`. */
  async live(): Promise<void> {
    while (!this.#over.signal.aborted) {
      for (const mail of this.#sfox.outbox().slice(this.#read)) {
        this.#read += 1;
        const entered: Promise<void> = this.#enter(mail).finally(() => this.#entering.delete(entered));
        this.#entering.add(entered);
      }
      await pause(LOOK);
    }
  }

  /** Has them put everything down. */
  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.allSettled(this.#entering);
  }

  /** Tries until the code was judged, or a newer one is there. */
  async #enter(mail: Mail): Promise<void> {
    const { userId, channel, code } = mail;
    const idempotencyKey = randomUUID();
    while (!this.#over.signal.aborted && this.#isNewest(mail)) {
      let wait = TRY_AGAIN;
      try {
        const { outcome } = await this.#app().submitCode(userId, { channel, code }, { idempotencyKey });
        if (outcome !== 'pending') return;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        wait = (error.retryAfter ?? 0) * 1_000 || TRY_AGAIN;
      }
      await pause(wait, undefined, { signal: this.#over.signal }).catch(() => {});
    }
  }

  #isNewest({ userId, channel, at }: Mail): boolean {
    return this.#sfox.outbox(userId).every((other) => other.channel !== channel || other.at <= at);
  }
}
