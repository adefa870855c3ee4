/** The time limit of a section. Measurements that do not fit are left out, and the page names them. */
export class Budget {
  /** The names of the measurements that were left out. */
  readonly cut: string[] = [];
  readonly #endsAt: number;
  readonly #now: () => number;

  /** @param seconds from now on */
  constructor(seconds: number, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#endsAt = now() + seconds * 1_000;
  }

  /** The remaining time in seconds; negative after the limit. */
  get left(): number {
    return (this.#endsAt - this.#now()) / 1_000;
  }

  /** Returns whether the remaining time suffices; if not, records the measurement as left out. */
  allows(what: string, seconds: number): boolean {
    if (seconds <= this.left) return true;
    this.cut.push(what);
    return false;
  }

  /**
   * Calls `work` for one item after the other: for the first in any case, for another if there is time for the longest so far.
   *
   * @param keep seconds to reserve for later measurements
   */
  async each<T, R>(items: readonly T[], name: (item: T) => string, work: (item: T) => Promise<R>, keep = 0) {
    const done: R[] = [];
    let longest = 0;
    for (const item of items) {
      if (done.length > 0 && !this.allows(name(item), longest + keep)) continue;
      const startedAt = this.#now();
      done.push(await work(item));
      longest = Math.max(longest, (this.#now() - startedAt) / 1_000);
    }
    return done;
  }
}
