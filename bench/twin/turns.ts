import type { Client } from '@temporalio/client';
import { connect } from '../../client/connect.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import type { System } from '../stand/load.ts';
import { startProvider } from '../stand/provider.ts';
import type { Provider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import type { Server } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { block } from './block.ts';
import type { Block, Side, Size } from './block.ts';

/** One of two to be compared: how journeys are brought through, by the workflows of which bundle. */
export interface Way {
  readonly name: string;
  readonly bundlePath: string;
  readonly system: (client: Client, taskQueue: string) => System;
}

/** Where both are driven: one warm server, and what belongs to it. */
export interface Stage {
  readonly address: string;
  readonly client: Client;
  readonly provider: Provider;
}

export interface Turns {
  /** Of A B B A, again and again. */
  readonly rounds: number;
  readonly size: Size;
  /** Journeys on each side before: until code is compiled as well as it will be. */
  readonly warm: number;
  /** Seconds that are wanted for what comes afterwards. */
  readonly keep: number;
}

const ORDER = [0, 1, 1, 0] as const;

/** Drives blocks of journeys through two sides in turn. */
export async function alternate(
  { say, budget }: Run,
  sides: readonly [Side, Side],
  servers: readonly [Server, Server],
  provider: Provider,
  { rounds, size, warm, keep }: Turns,
): Promise<Block[]> {
  const drive = (nth: 0 | 1, journeys: number) => block(sides[nth], servers[nth], provider, { ...size, journeys });
  for (const nth of [0, 1] as const) await drive(nth, warm);
  const round = async () => {
    const done: Block[] = [];
    for (const nth of ORDER) done.push(await drive(nth, size.journeys));
    for (const { side, rate, total } of done)
      say(`  ${side}: ${rate.toFixed(1)}/s, ${total.toFixed(1)} ms of CPU each`);
    return done;
  };
  const numbers = Array.from({ length: rounds }, (_, nth) => nth + 1);
  return (await budget.each(numbers, (nth) => `round ${nth} of ${rounds}`, round, keep)).flat();
}

/** Drives two ways in turn on one server, each with a worker of its own that is there all the time; and then does more on the same stage. */
export function inTurn<T>(
  run: Run,
  turns: Turns,
  waysIn: (folder: string) => Promise<readonly [Way, Way]>,
  afterwards: (blocks: readonly Block[], stage: Stage, ways: readonly [Way, Way]) => T | Promise<T>,
): Promise<T> {
  return onStage(async (undo, folder) => {
    const [server, provider, ways] = await Promise.all([startServer(), startProvider(), waysIn(folder)]);
    undo.add(() => server.stop());
    undo.add(() => provider.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const side = async ({ name, bundlePath, system }: Way): Promise<Side> => {
      const worker = await startWorker({ address, taskQueue: name, bundlePath, provider });
      undo.add(() => worker.end());
      return { name, system: system(client, name), workerPid: worker.pid };
    };
    const sides = [await side(ways[0]), await side(ways[1])] as const;
    const blocks = await alternate(run, sides, [server, server], provider, turns);
    return afterwards(blocks, { address, client, provider }, ways);
  });
}
