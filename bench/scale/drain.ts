import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Directory } from '../../client/directory.ts';
import { Onward } from '../../client/onward.ts';
import { setup } from '../../client/setup.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { DAY, defaultPolicy } from '../../workflows/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { onStage } from '../stand/bench.ts';
import { cpuOf } from '../stand/cost.ts';
import { middlePace } from '../stand/numbers.ts';
import { startWorker } from '../stand/worker.ts';
import { forEach } from './many.ts';
import type { ScaledServer } from './servers.ts';

/** A recovery of stalled journeys, on a server that many others are open on. */
export interface Drain {
  readonly stalled: number;
  readonly others: number;
  /** Journeys a second: what was set, and what was sent in the middle half of the sends. */
  readonly upToPerSecond: number;
  readonly reached: number;
  readonly recovered: number;
  /** From the trigger to the end, in all runs that it took. */
  readonly seconds: number;
  readonly runs: number;
  /** Milliseconds of CPU for each that was recovered. */
  readonly worker: number;
  readonly server: number;
}

const PARALLEL = 64;
const pace = { every: 365 * DAY, perSecond: 20, upToPerSecond: 40 };
const operator = { role: 'operator', name: 'bench' } as const;
/** A run that ends early is followed by another, not for ever. */
const MOST_RUNS = 5;
const LOOK_EVERY = 1_000;
const STEADY = 15_000;

/**
 * @param wanted so many are started while the provider is away
 * @param patience seconds, for the stalling and for each run of the recovery
 */
export function drain(server: ScaledServer, client: Client, wanted: number, patience: number): Promise<Drain> {
  return onStage(async (undo) => {
    const { address } = server;
    const taskQueue = 'drain';
    const sfox = await startSfox({ seed: 1 });
    undo.add(() => sfox.close());
    const provider = { baseUrl: sfox.url, apiKey: sfox.apiKey };
    const worker = await startWorker({ address, taskQueue, bundlePath, provider, maxCachedWorkflows: wanted * 2 });
    undo.add(() => worker.end());
    await setup(client, { taskQueue, recovery: pace });
    undo.add(() => client.schedule.getHandle(RECOVERY_SCHEDULE).delete());
    const onward = new Onward({ client, taskQueue, policy: { ...defaultPolicy, retrySendFor: 0 } });
    const directory = new Directory(client);
    const others = await directory.count({});
    const left = () => directory.count({ step: 'stalled' });

    sfox.outage(true);
    const users = Array.from({ length: wanted }, () => randomUUID());
    await forEach(users, PARALLEL, (userId) => onward.start(userId, { accountType: 'individual' }));
    const stalled = await steady('nobody else is stalled', patience, left);
    sfox.outage(false);
    const used = () => Promise.all([worker.pid, server.pid].map(cpuOf));
    const before = await used();
    const { runs, seconds } = await recover(onward, left, patience);
    const after = await used();
    const recovered = stalled - (await left());
    const [ofWorker = 0, ofServer = 0] = after.map((cpu, nth) => (cpu - (before[nth] ?? 0)) / recovered);
    const reached = middlePace(sfox.outbox().map(({ at }) => Date.parse(at)));
    const { upToPerSecond } = pace;
    return { stalled, others, upToPerSecond, reached, recovered, seconds, runs, worker: ofWorker, server: ofServer };
  });
}

/** Has recovery run until nobody is left, or too often. */
async function recover({ recovery }: Onward, left: () => Promise<number>, patience: number) {
  const began = performance.now();
  let runs = 0;
  while ((await left()) > 0 && runs < MOST_RUNS) {
    const last = (await recovery.status()).run?.startedAt;
    await recovery.trigger({ reason: 'the provider is back' }, operator);
    runs += 1;
    await until('the run is over', patience, async () => {
      const { run } = await recovery.status();
      return run !== null && run.startedAt !== last && run.outcome !== null;
    });
    // Visibility comes a moment later.
    await pause(LOOK_EVERY);
  }
  return { runs, seconds: (performance.now() - began) / 1_000 };
}

/** A figure that has grown, once it does so no more: of a call that took too long nobody knows the outcome, and its user is waited for instead. */
async function steady(what: string, patience: number, figure: () => Promise<number>): Promise<number> {
  let [last, since] = [0, Date.now()];
  await until(what, patience, async () => {
    const now = await figure();
    if (now !== last) [last, since] = [now, Date.now()];
    return now > 0 && Date.now() - since > STEADY;
  });
  return last;
}

async function until(what: string, patience: number, is: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + patience * 1_000; !(await is()); await pause(LOOK_EVERY)) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
  }
}
