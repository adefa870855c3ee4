const MINUTE_MS = 60_000;

/** The time at which a limit per minute allows another command, from the times of the earlier ones, oldest first; 0 for now. */
export function opensAt(times: readonly number[], limit: number): number {
  const blocking = times.at(-limit);
  return blocking === undefined ? 0 : blocking + MINUTE_MS;
}

/** The commands that one run has accepted, by group. A new run starts with no counts: it begins thousands of events after the previous one. */
export class CommandCounter {
  readonly #times = new Map<string, number[]>();

  count(group: string, at: number): void {
    const recent = (this.#times.get(group) ?? []).filter((time) => time > at - MINUTE_MS);
    this.#times.set(group, [...recent, at]);
  }

  /** When the limit leaves room for another command of this group, in milliseconds since 1970. */
  opensAt(group: string, limit: number): number {
    return opensAt(this.#times.get(group) ?? [], limit);
  }
}
