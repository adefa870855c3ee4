import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * The one durable timer of a journey, at the earliest time that anything is due.
 * A later due time never cancels it: it looks again when it wakes, which costs less than a timer for each wait.
 */
export class Alarm {
  #set: { readonly at: number; readonly scope: CancellationScope } | undefined;

  /** Makes sure that `ring` is called at this time or before. */
  setFor(at: number, ring: () => void): void {
    if (this.#set !== undefined && this.#set.at <= at) return;
    this.#set?.scope.cancel();
    const scope = new CancellationScope();
    this.#set = { at, scope };
    const summary = `looks again at ${new Date(at).toISOString()}`;
    void scope
      .run(() => sleep(Math.max(1, at - Date.now()), { summary }))
      .then(
        () => {
          this.#set = undefined;
          ring();
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}
