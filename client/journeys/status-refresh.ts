import { setTimeout as pause } from 'node:timers/promises';

/** Concurrent refreshes. While no worker runs, each one waits until it times out. */
const BATCH_SIZE = 16;
const PAUSE_MS = 500;

/** Reads a status. Resolves to whether it is current now. */
export type Refresh = () => Promise<boolean>;

/**
 * Retries status reads that no worker has answered. Runs a fixed number at a time, so that an outage of all workers costs the
 * server the same for any number of waiting readers.
 */
export class StatusRefresh {
  readonly #outdated = new Map<object, Refresh>();
  #isRunning = false;

  /** @param key identifies the subscriber; the same key replaces its entry */
  add(key: object, refresh: Refresh): void {
    this.#outdated.set(key, refresh);
    if (!this.#isRunning) void this.#run();
  }

  remove(key: object): void {
    this.#outdated.delete(key);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await pause(PAUSE_MS);
    while (this.#outdated.size > 0) {
      const batch = [...this.#outdated].slice(0, BATCH_SIZE);
      const refreshed = await Promise.all(batch.map(([key, refresh]) => this.#refresh(key, refresh)));
      if (refreshed.includes(false)) await pause(PAUSE_MS);
    }
    this.#isRunning = false;
  }

  async #refresh(key: object, refresh: Refresh): Promise<boolean> {
    const isCurrent = await refresh().catch(() => false);
    if (!this.#outdated.delete(key)) return true;
    // Moves to the end of the order, so that the others come first.
    if (!isCurrent) this.#outdated.set(key, refresh);
    return isCurrent;
  }
}
