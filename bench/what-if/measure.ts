import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { connect } from '../../client/temporal/connect.ts';
import { Onward } from '../../client/onward.ts';
import type { WhatIf } from '../../client/what-ifs/read.ts';
import { WhatIfs } from '../../client/what-ifs/what-ifs.ts';
import type { PolicyDocument } from '../../workflows/journey/policy/adoption.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { readCpuMs, readPeakMemoryBytes } from '../harness/cost.ts';
import { keys } from '../harness/keys.ts';
import { runJourneys } from '../harness/load.ts';
import { startProvider } from '../harness/provider.ts';
import type { Provider } from '../harness/provider.ts';
import { startServer } from '../harness/server.ts';
import { startWorker } from '../harness/worker.ts';
import type { WorkerOptions } from '../harness/worker.ts';
import { forEach } from '../scale/concurrency.ts';
import { onwardSystem } from '../twin/systems.ts';

/** A what-if over so many journeys. */
export interface Compared {
  readonly policy: string;
  readonly journeys: number;
  readonly results: WhatIf['results'];
  readonly events: number;
  /** Seconds. */
  readonly took: number;
  /** The CPU time of each process while it ran, in milliseconds. */
  readonly cpu: { readonly comparing: number; readonly journeys: number; readonly server: number };
  /** The most memory of each worker process, in bytes. */
  readonly memory: { readonly comparing: number; readonly journeys: number };
}

const SIZES = { full: [2_500, 10_000], quick: [50, 200] };
/** Of the journeys, as many have ended; the others wait for the first code. */
const ENDED_SHARE = 0.2;
const CONCURRENCY = 64;
const TASK_QUEUE = 'journeys';
/** A busy machine takes minutes to send ten thousand codes. */
const SETUP_TIMEOUT_MS = 900_000;
/** No user has guessed, so the first changes nothing. Under the second, every user who waits for a code could have requested another one sooner. */
const POLICIES: readonly (readonly [string, PolicyDocument])[] = [
  ['fewer guesses', { guesses: { perCode: 2, perChannel: 3 } }],
  ['shorter cool-downs', { cooldowns: ['1 s'] }],
];

/** Measures what-ifs over an increasing number of ended and open journeys. */
export function measureWhatIfs({ quick, say, saveFigures }: Run): Promise<readonly Compared[]> {
  return withCleanup(async (undo) => {
    const server = await startServer({ inMemory: true });
    undo.add(() => server.stop());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const provider = await startProvider();
    undo.add(() => provider.close());
    const options: WorkerOptions = { address, taskQueue: TASK_QUEUE, bundlePath, provider };
    const worker = await startWorker(options);
    undo.add(() => worker.end());

    const figures: Compared[] = [];
    for (const size of quick ? SIZES.quick : SIZES.full) {
      await addJourneys(client, provider, size);
      say(`  ${size} journeys have begun`);
      for (const [name, policy] of POLICIES) {
        const pids = { journeys: worker.pid, server: server.pid };
        figures.push({ policy: name, ...(await compare(client, options, policy, pids)) });
        say(`  ${JSON.stringify(figures.at(-1))}`);
        saveFigures(figures);
      }
    }
    return figures;
  });
}

/** Adds ended and open journeys until there are as many. */
async function addJourneys(client: Client, provider: Provider, size: number): Promise<void> {
  const onward = new Onward({ client, taskQueue: TASK_QUEUE });
  const count = size - (await onward.count({}));
  const ended = count * ENDED_SHARE;
  await runJourneys({ system: onwardSystem(client, TASK_QUEUE), provider, journeys: ended, parallel: CONCURRENCY });
  const sent = new Set<string>();
  const unsubscribe = provider.onRequest(({ userId }) => sent.add(userId));
  const users = Array.from({ length: count - ended }, () => randomUUID());
  await forEach(users, CONCURRENCY, (userId) => onward.start(userId, { accountType: 'individual' }));
  await until(() => users.every((userId) => sent.has(userId)), 'every first code is sent');
  unsubscribe();
  await until(async () => (await onward.count({})) === size, `${size} journeys are listed`);
}

/** Runs a what-if on a worker of its own. */
async function compare(
  client: Client,
  options: WorkerOptions,
  policy: PolicyDocument,
  others: { readonly journeys: number; readonly server: number },
): Promise<Omit<Compared, 'policy'>> {
  const taskQueue = 'comparing';
  const worker = await startWorker({ ...options, taskQueue });
  try {
    const pids = { ...others, comparing: worker.pid };
    const readCpu = async () => ({
      comparing: await readCpuMs(pids.comparing),
      journeys: await readCpuMs(pids.journeys),
      server: await readCpuMs(pids.server),
    });
    const before = await readCpu();
    const { done, results, events, ...shown } = await runWhatIf(new WhatIfs({ client, taskQueue }), policy);
    const after = await readCpu();
    return {
      journeys: done,
      results,
      events: events.compared,
      took: (Date.parse(shown.updatedAt) - Date.parse(shown.at)) / 1_000,
      cpu: {
        comparing: after.comparing - before.comparing,
        journeys: after.journeys - before.journeys,
        server: after.server - before.server,
      },
      memory: {
        comparing: await readPeakMemoryBytes(pids.comparing),
        journeys: await readPeakMemoryBytes(pids.journeys),
      },
    };
  } finally {
    await worker.end();
  }
}

async function runWhatIf(whatIfs: WhatIfs, policy: PolicyDocument): Promise<WhatIf> {
  const { id } = await whatIfs.start({ policy }, 'bench');
  for (;;) {
    await pause(500);
    const shown = await whatIfs.get(id, { limit: 1 });
    if (shown.state !== 'running') return shown;
  }
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + SETUP_TIMEOUT_MS; !(await isTrue()); await pause(200)) {
    if (Date.now() > deadline) throw new Error(`not within 15 minutes: ${what}`);
  }
}
