/** The time that a section has: it does as much as fits, and what does not is named in the page. */
export class Budget {
  /** What was left out. */
  readonly cut: string[] = [];
  readonly #ends: number;
  readonly #now: () => number;

  /** @param seconds from now on */
  constructor(seconds: number, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#ends = now() + seconds * 1_000;
  }

  /** In seconds; negative when it is over. */
  get left(): number {
    return (this.#ends - this.#now()) / 1_000;
  }

  /** Whether this takes no longer than what is left; it is noted as left out otherwise. */
  allows(what: string, seconds: number): boolean {
    if (seconds <= this.left) return true;
    this.cut.push(what);
    return false;
  }

  /**
   * Works on one after the other: on the first in any case, on a further one where there is time for the longest before it.
   *
   * @param keep seconds that are wanted for what comes afterwards
   */
  async each<T, R>(items: readonly T[], name: (item: T) => string, work: (item: T) => Promise<R>, keep = 0) {
    const done: R[] = [];
    let longest = 0;
    for (const item of items) {
      if (done.length > 0 && !this.allows(name(item), longest + keep)) continue;
      const began = this.#now();
      done.push(await work(item));
      longest = Math.max(longest, (this.#now() - began) / 1_000);
    }
    return done;
  }
}
