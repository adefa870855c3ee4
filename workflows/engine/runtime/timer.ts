import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * The one durable timer of a machine, at the earliest time that a delayed event is due.
 * A later due time never cancels the timer: it fires early and is set again, which costs less than a timer for each delay.
 */
export class DurableTimer {
  #pending: { readonly at: number; readonly scope: CancellationScope } | undefined;

  /** Ensures that `fire` is called at this time or before. `at`: milliseconds since 1970. */
  setFor(at: number, fire: () => void): void {
    if (this.#pending !== undefined && this.#pending.at <= at) return;
    this.#pending?.scope.cancel();
    const scope = new CancellationScope();
    this.#pending = { at, scope };
    const summary = `next due at ${new Date(at).toISOString()}`;
    void scope
      .run(() => sleep(Math.max(1, at - Date.now()), { summary }))
      .then(
        () => {
          this.#pending = undefined;
          fire();
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}
