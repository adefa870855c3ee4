import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../../client/temporal/connect.ts';
import { table } from '../../client/docs/markdown.ts';
import { defaultSizes } from '../../client/reconciliation/create.ts';
import { Onward } from '../../client/onward.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { readPeakMemoryBytes } from '../harness/cost.ts';
import { keys } from '../harness/keys.ts';
import { startServer } from '../harness/server.ts';
import { startWorker } from '../harness/worker.ts';
import { rounded, whole } from '../report/format.ts';
import { defineSection } from '../section.ts';
import { serveUsers } from './users.ts';

interface Measurement {
  readonly users: number;
  readonly found: number;
  /** Seconds until all differences were found, and until the dry run had ended. */
  readonly compared: number;
  readonly ended: number;
  /** The most memory of the worker process so far, in MiB. */
  readonly memory: number;
}

const COUNTS = [10_000, 100_000];
const MAX_MEMORY_MIB = 600;

/** Measures dry runs over lists of users of which a third has no journey. */
function measureReconciliations({ quick, say }: Run): Promise<readonly Measurement[]> {
  return withCleanup(async (undo) => {
    const server = await startServer({ inMemory: true });
    undo.add(() => server.stop());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const measured: Measurement[] = [];
    for (const count of quick ? [3_000] : COUNTS) {
      const { provider, close } = await serveUsers(count);
      undo.add(() => Promise.resolve(close()));
      const taskQueue = `reconcile-${count}`;
      const worker = await startWorker({ address, taskQueue, bundlePath, provider });
      undo.add(() => worker.end());
      const onward = new Onward({ client, taskQueue, reconcile: { graceFor: 0, perSecond: 20 } });
      measured.push(await reconcile(onward, worker.pid));
      say(`  ${JSON.stringify(measured.at(-1))}`);
    }
    return measured;
  });
}

async function reconcile(onward: Onward, pid: number): Promise<Measurement> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  const caller = { role: 'operator', name: 'bench' } as const;
  const { id } = await onward.reconciliations.start({ dryRun: true, reason: 'bench' }, caller);
  for (let compared: number | undefined; ; await pause(100)) {
    const { state, total, users, note } = await onward.reconciliations.get(id, { limit: 1 });
    if (state === 'failed') throw new Error(note ?? 'failed');
    if (total !== null) compared ??= seconds();
    if (state !== 'done') continue;
    const memory = (await readPeakMemoryBytes(pid)) / 2 ** 20;
    return { users: users ?? 0, found: total ?? 0, compared: compared ?? 0, ended: seconds(), memory };
  }
}

export const reconcileSection = defineSection<readonly Measurement[]>({
  name: 'reconcile',
  title: 'Reconciliation',
  seconds: { full: 600, quick: 120 },
  isSlow: true,
  measure: measureReconciliations,
  page: (figures) =>
    [
      'A dry run over a list of users of which a third has no journey. The Temporal server is in memory; worker and provider are separate processes.',
      '',
      table(
        [
          'users',
          'differences',
          'reads of the list',
          'until all are found',
          'until the dry run has ended',
          'peak memory of the worker',
        ],
        figures.map(({ users, found, compared, ended, memory }) => [
          whole(users),
          whole(found),
          whole(Math.max(1, Math.ceil(found / defaultSizes.page))),
          `${rounded(compared)} s`,
          `${rounded(ended)} s`,
          `${whole(memory)} MiB`,
        ]),
      ),
    ].join('\n'),
  goals: (figures) =>
    figures.map(({ users, memory }) => ({
      what: `memory of the worker at ${whole(users)} users`,
      wanted: `${MAX_MEMORY_MIB} MiB`,
      found: `${whole(memory)} MiB`,
      isMet: memory <= MAX_MEMORY_MIB,
    })),
});
