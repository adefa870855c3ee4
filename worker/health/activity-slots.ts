import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/** Temporal abandons an activity at its timeout. One that still runs some seconds later occupies its slot for nothing. */
const GRACE_MS = 5_000;

/** Tracks the activities that run in this process and when each is due. */
export class ActivitySlots {
  readonly #running = new Set<{ readonly dueAt: number }>();

  /** Tracks every activity of a worker; goes into `interceptors.activity`. */
  readonly watch = ({ info }: Context): ActivityInterceptors => ({
    inbound: {
      execute: async (input, next) => {
        const slot = { dueAt: Date.now() + info.startToCloseTimeoutMs + GRACE_MS };
        this.#running.add(slot);
        try {
          return await next(input);
        } finally {
          this.#running.delete(slot);
        }
      },
    },
  });

  /** Counts the slots of activities that have not returned by their timeout. */
  overdue(): number {
    const now = Date.now();
    return [...this.#running].filter(({ dueAt }) => dueAt < now).length;
  }
}
