/**
 * Shows that a worker runs, by an answer to a question that was put to it after this one came.
 *
 * One question is on its way at a time, whoever's it is. Who comes meanwhile shares the next one: an answer that is on its way
 * already may come from a worker that has died since. So what many readers cost does not grow with their number.
 */
export class Proof {
  #now: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  /**
   * Waits for the next answer to show it.
   *
   * @param ask puts a question of one's own, and tells whether a worker has answered it; called where nobody else's serves
   */
  shown(ask: () => Promise<boolean>): Promise<boolean> {
    if (this.#now === undefined) return this.#begin(ask);
    this.#next ??= this.#now.then(
      () => this.#begin(ask),
      () => this.#begin(ask),
    );
    return this.#next;
  }

  #begin(ask: () => Promise<boolean>): Promise<boolean> {
    this.#next = undefined;
    const now = ask().finally(() => {
      if (this.#now === now) this.#now = undefined;
    });
    this.#now = now;
    return now;
  }
}
