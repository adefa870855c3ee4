import { connect } from '../../client/connect.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { pathOf, startGateway } from '../stand/gateway.ts';
import type { Gateway } from '../stand/gateway.ts';
import { keys } from '../stand/keys.ts';
import { drive } from '../stand/load.ts';
import type { System } from '../stand/load.ts';
import { loneStarts, timesOf } from '../stand/lone.ts';
import type { Times } from '../stand/numbers.ts';
import { startProvider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { begin } from '../twin/idle.ts';
import { hopsOf } from './hops.ts';
import type { Hops } from './hops.ts';
import { reads } from './reads.ts';
import type { Reads } from './reads.ts';
import { visits } from './visits.ts';
import type { Visits } from './visits.ts';
import { waiting } from './waiting.ts';
import type { Waiting } from './waiting.ts';

export interface Doors {
  readonly alone: Times & { readonly hops: Hops };
  /** Whole journeys a second through the gateway, when as many as possible come. */
  readonly ceiling: number;
  readonly loads: readonly { readonly share: number; readonly perSecond: number; readonly visits: Visits }[];
  readonly reads: Reads;
  readonly waiting: Waiting;
}

const SHARES = [0.3, 0.6];

/** Measures from outside, through the gateway: server, worker, gateway and provider are processes of their own. */
export function throughDoors({ quick, say, budget }: Run): Promise<Doors> {
  return onStage(async (undo) => {
    const [server, provider] = await Promise.all([startServer(), startProvider()]);
    undo.add(() => server.stop());
    undo.add(() => provider.close());
    const [taskQueue, { address }] = ['doors', server];
    const worker = await startWorker({ address, taskQueue, bundlePath, provider });
    undo.add(() => worker.end());
    const gateway = await startGateway({ address, taskQueue });
    undo.add(() => gateway.close());
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const system = behind(gateway);

    await drive({ system, provider, journeys: quick ? 20 : 40, parallel: 10 });
    const starts = await loneStarts(provider, quick ? 10 : 100, (userId) => system.start(userId));
    const alone = { ...timesOf(starts), hops: await hopsOf(client, starts) };
    say(`  alone: ${alone.p50.toFixed(0)} ms to the provider`);
    const journeys = quick ? 32 : 300;
    const ceiling = (journeys * 1_000) / (await drive({ system, provider, journeys, parallel: 32 }));
    say(`  ceiling: ${ceiling.toFixed(1)} journeys a second`);
    const load = async (share: number) => {
      const perSecond = ceiling * share;
      say(`  at ${share * 100} % of it`);
      return { share, perSecond, visits: await visits({ gateway, provider, perSecond, seconds: quick ? 2 : 30 }) };
    };
    const loads = await budget.each(SHARES, (share) => `${share * 100} % of the ceiling`, load, quick ? 10 : 60);
    const users = await begin(system, provider, quick ? 20 : 1_000);
    const read = await reads(gateway, worker.pid, server, users.slice(0, 100), quick ? 3 : 10);
    return { alone, ceiling, loads, reads: read, waiting: await waiting(gateway, users, quick ? 2 : 30) };
  });
}

/** Onward as its callers see it. */
function behind(gateway: Gateway): System {
  return {
    start: (userId) => gateway.call('POST', pathOf(userId), { accountType: 'individual' }),
    submit: (userId, channel, code) => gateway.call('POST', pathOf(userId, '/code'), { channel, code }),
  };
}
