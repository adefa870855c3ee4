import { setTimeout as sleep } from 'node:timers/promises';

/** A component that is running. It may end by itself. */
export interface RunningComponent {
  /** Resolves with the reason when it has ended, such as `it exited with SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<unknown>;
}

export interface ComponentOptions<T extends RunningComponent> {
  /** The name in messages, as the subject of a sentence. */
  readonly name: string;
  readonly start: () => Promise<T>;
  /** Starts the component again. Default: `start`. */
  readonly restart?: ((before: T) => Promise<T>) | undefined;
  /** What a restart has lost, for the line that reports the restart. */
  readonly lost?: string;
  /** Writes a line when the component has ended, and one when it runs again. */
  readonly say: (line: string) => void;
  /** The delays before each attempt to restart, in milliseconds. The last one repeats. */
  readonly delays?: readonly [number, ...number[]];
}

const DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;
/** After a component has run for this time, its next restart begins with the first delay. */
const STABLE_MS = 60_000;

/**
 * Starts a component, and starts it again whenever it ends by itself.
 *
 * @returns the component of the first start, and a function that stops the current one
 * @throws any error of the first start
 */
export async function supervise<T extends RunningComponent>(
  options: ComponentOptions<T>,
): Promise<{ readonly first: T; readonly stop: () => Promise<void> }> {
  const first = await options.start();
  const stopping = new AbortController();
  const over = keepRunning(first, options, stopping.signal);
  return {
    first,
    stop: async () => {
      stopping.abort();
      await (await over)?.stop();
    },
  };
}

/** Restarts the component until it is to stop. Returns the one that runs then; `undefined` if none does. */
async function keepRunning<T extends RunningComponent>(
  first: T,
  options: ComponentOptions<T>,
  stopping: AbortSignal,
): Promise<T | undefined> {
  const stopped = new Promise<undefined>((resolve) => stopping.addEventListener('abort', () => resolve(undefined)));
  let running = first;
  for (let attempts = 0; ;) {
    const startedAt = Date.now();
    const reason = await Promise.race([running.ended, stopped]);
    if (reason === undefined) return running;
    if (Date.now() - startedAt > STABLE_MS) attempts = 0;
    await running.stop().catch(() => {});
    const next = await startAgain(running, { ...options, reason, attempts }, stopping);
    if (next === undefined) return undefined;
    ({ running, attempts } = next);
  }
}

async function startAgain<T extends RunningComponent>(
  before: T,
  {
    name,
    start,
    restart = start,
    lost,
    say,
    delays = DELAYS_MS,
    reason,
    attempts: from,
  }: ComponentOptions<T> & { reason: string; attempts: number },
  stopping: AbortSignal,
): Promise<{ readonly running: T; readonly attempts: number } | undefined> {
  const endedAt = Date.now();
  let problem = reason;
  for (let attempts = from; ; attempts++) {
    const delay = delays[Math.min(attempts, delays.length - 1)] ?? delays[0];
    say(`${name} is down: ${problem}; starting it again in ${delay / 1_000} s`);
    await sleep(delay, undefined, { signal: stopping }).catch(() => {});
    if (stopping.aborted) return undefined;
    try {
      const running = await restart(before);
      const took = `after ${Math.ceil((Date.now() - endedAt) / 1_000)} s`;
      say(`${name} is up again, ${took}${lost === undefined ? '' : `; ${lost}`}`);
      return { running, attempts: attempts + 1 };
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      problem = line;
    }
  }
}
