import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { JourneySearch } from '../../client/search/journey-search.ts';
import { Onward } from '../../client/onward.ts';
import { setup } from '../../client/temporal/setup.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { DAY, defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { withCleanup } from '../harness/bench.ts';
import { readCpuMs } from '../harness/cost.ts';
import { middleRate } from '../harness/numbers.ts';
import { startWorker } from '../harness/worker.ts';
import { forEach } from './concurrency.ts';
import type { ScaledServer } from './servers.ts';

/** A recovery of stalled journeys on a server with many other open journeys. */
export interface DrainFigures {
  readonly stalled: number;
  readonly others: number;
  /** Journeys a second: the configured maximum, and the rate in the middle half of the sends. */
  readonly upToPerSecond: number;
  readonly reached: number;
  readonly recovered: number;
  /** Seconds from the trigger to the end of the last run. */
  readonly seconds: number;
  readonly runs: number;
  /** Milliseconds of CPU for each recovered journey. */
  readonly worker: number;
  readonly server: number;
}

const CONCURRENCY = 64;
const recoveryPolicy = { every: 365 * DAY, perSecond: 20, upToPerSecond: 40 };
const operator = { role: 'operator', name: 'bench' } as const;
/** A run may end before all journeys are recovered; another run follows, up to this number. */
const MAX_RUNS = 5;
const POLL_INTERVAL_MS = 1_000;
const STEADY_MS = 15_000;

/**
 * Starts journeys while the provider is unavailable, and measures their recovery.
 *
 * @param wanted the number of journeys
 * @param timeoutSeconds timeout in seconds, for the journeys to stall and for each run of the recovery
 */
export function measureDrain(
  server: ScaledServer,
  client: Client,
  wanted: number,
  timeoutSeconds: number,
): Promise<DrainFigures> {
  return withCleanup(async (cleanup) => {
    const { address } = server;
    const taskQueue = 'drain';
    const sfox = await startSfox({ seed: 1 });
    cleanup.add(() => sfox.close());
    const provider = { baseUrl: sfox.url, apiKey: sfox.apiKey };
    const worker = await startWorker({ address, taskQueue, bundlePath, provider, maxCachedWorkflows: wanted * 2 });
    cleanup.add(() => worker.end());
    await setup(client, { taskQueue, recovery: recoveryPolicy });
    cleanup.add(() => client.schedule.getHandle(RECOVERY_SCHEDULE).delete());
    const onward = new Onward({ client, taskQueue, policy: { ...defaultPolicy, retrySendFor: 0 } });
    const search = new JourneySearch(client);
    const others = await search.count({});
    const countStalled = () => search.count({ step: 'stalled' });

    sfox.outage(true);
    const users = Array.from({ length: wanted }, () => randomUUID());
    await forEach(users, CONCURRENCY, (userId) => onward.start(userId, { accountType: 'individual' }));
    const stalled = await waitUntilSteady('the number of stalled journeys is steady', timeoutSeconds, countStalled);
    sfox.outage(false);
    const used = () => Promise.all([worker.pid, server.pid].map(readCpuMs));
    const before = await used();
    const { runs, seconds } = await runRecovery(onward, countStalled, timeoutSeconds);
    const after = await used();
    const recovered = stalled - (await countStalled());
    const [ofWorker = 0, ofServer = 0] = after.map((cpu, nth) => (cpu - (before[nth] ?? 0)) / recovered);
    const reached = middleRate(sfox.outbox().map(({ at }) => Date.parse(at)));
    const { upToPerSecond } = recoveryPolicy;
    return { stalled, others, upToPerSecond, reached, recovered, seconds, runs, worker: ofWorker, server: ofServer };
  });
}

/** Triggers recovery until no stalled journey is left, at most five times. */
async function runRecovery({ recovery }: Onward, countStalled: () => Promise<number>, timeoutSeconds: number) {
  const startedAt = performance.now();
  let runs = 0;
  while ((await countStalled()) > 0 && runs < MAX_RUNS) {
    const last = (await recovery.status()).run?.startedAt;
    await recovery.trigger({ reason: 'the provider is back' }, operator);
    runs += 1;
    await waitUntil('the run is over', timeoutSeconds, async () => {
      const { run } = await recovery.status();
      return run !== null && run.startedAt !== last && run.outcome !== null;
    });
    // Visibility is eventually consistent.
    await pause(POLL_INTERVAL_MS);
  }
  return { runs, seconds: (performance.now() - startedAt) / 1_000 };
}

/** Returns a figure once it stopped growing. After a timed-out call to the provider, a journey waits for its user and never stalls, so the total is not known. */
async function waitUntilSteady(what: string, timeoutSeconds: number, figure: () => Promise<number>): Promise<number> {
  let [last, since] = [0, Date.now()];
  await waitUntil(what, timeoutSeconds, async () => {
    const now = await figure();
    if (now !== last) [last, since] = [now, Date.now()];
    return now > 0 && Date.now() - since > STEADY_MS;
  });
  return last;
}

async function waitUntil(what: string, timeoutSeconds: number, is: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + timeoutSeconds * 1_000; !(await is()); await pause(POLL_INTERVAL_MS)) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutSeconds} s: ${what}`);
  }
}
