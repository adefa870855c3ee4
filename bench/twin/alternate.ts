import type { Client } from '@temporalio/client';
import { connect } from '../../client/temporal/connect.ts';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { keys } from '../harness/keys.ts';
import type { System } from '../harness/load.ts';
import { startProvider } from '../harness/provider.ts';
import type { Provider } from '../harness/provider.ts';
import { startServer } from '../harness/server.ts';
import type { Server } from '../harness/server.ts';
import { startWorker } from '../harness/worker.ts';
import { runBlock } from './block.ts';
import type { Block, Side, Size } from './block.ts';

/** One of the two systems to compare, with its workflow bundle. */
export interface ComparedSystem {
  readonly name: string;
  readonly bundlePath: string;
  readonly system: (client: Client, taskQueue: string) => System;
}

/** The server, client and provider that both systems share. */
export interface SharedServices {
  readonly address: string;
  readonly client: Client;
  readonly provider: Provider;
}

export interface AlternationOptions {
  /** The number of rounds in the order A B B A. */
  readonly rounds: number;
  readonly size: Size;
  /** Journeys on each side before the first round, to warm up the JIT compiler. */
  readonly warmUpJourneys: number;
  /** Seconds to reserve for later measurements. */
  readonly reserveSeconds: number;
}

const ORDER = [0, 1, 1, 0] as const;

/** Runs blocks of journeys alternately through two systems. */
async function alternate(
  { say, budget }: Run,
  sides: readonly [Side, Side],
  servers: readonly [Server, Server],
  provider: Provider,
  { rounds, size, warmUpJourneys, reserveSeconds }: AlternationOptions,
): Promise<Block[]> {
  const runBlockOf = (nth: 0 | 1, journeys: number) =>
    runBlock(sides[nth], servers[nth], provider, { ...size, journeys });
  for (const nth of [0, 1] as const) await runBlockOf(nth, warmUpJourneys);
  const round = async () => {
    const done: Block[] = [];
    for (const nth of ORDER) done.push(await runBlockOf(nth, size.journeys));
    for (const { side, rate, total } of done)
      say(`  ${side}: ${rate.toFixed(1)}/s, ${total.toFixed(1)} ms of CPU each`);
    return done;
  };
  const numbers = Array.from({ length: rounds }, (_, nth) => nth + 1);
  return (await budget.each(numbers, (nth) => `round ${nth} of ${rounds}`, round, reserveSeconds)).flat();
}

/** Compares two systems on one server, each with its own worker, then calls `afterwards` with the same server. */
export function compareSystems<T>(
  run: Run,
  options: AlternationOptions,
  createSystems: (folder: string) => Promise<readonly [ComparedSystem, ComparedSystem]>,
  afterwards: (
    blocks: readonly Block[],
    stage: SharedServices,
    systems: readonly [ComparedSystem, ComparedSystem],
  ) => T | Promise<T>,
): Promise<T> {
  return withCleanup(async (cleanup, folder) => {
    const [server, provider, systems] = await Promise.all([startServer(), startProvider(), createSystems(folder)]);
    cleanup.add(() => server.stop());
    cleanup.add(() => provider.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    cleanup.add(() => client.connection.close());
    const side = async ({ name, bundlePath, system }: ComparedSystem): Promise<Side> => {
      const worker = await startWorker({ address, taskQueue: name, bundlePath, provider });
      cleanup.add(() => worker.end());
      return { name, system: system(client, name), workerPid: worker.pid };
    };
    const sides = [await side(systems[0]), await side(systems[1])] as const;
    const blocks = await alternate(run, sides, [server, server], provider, options);
    return afterwards(blocks, { address, client, provider }, systems);
  });
}
