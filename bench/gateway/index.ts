import { connect } from '../../client/temporal/connect.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { pathOf, startGateway } from '../harness/gateway.ts';
import type { Gateway } from '../harness/gateway.ts';
import { keys } from '../harness/keys.ts';
import { runJourneys } from '../harness/load.ts';
import type { System } from '../harness/load.ts';
import { startOneByOne, timesOf } from '../harness/single-starts.ts';
import type { Times } from '../harness/numbers.ts';
import { startProvider } from '../harness/provider.ts';
import { startServer } from '../harness/server.ts';
import { startWorker } from '../harness/worker.ts';
import { startIdleJourneys } from '../twin/idle.ts';
import { measureHops } from './hops.ts';
import type { Hops } from './hops.ts';
import { measureReads } from './status-reads.ts';
import type { StatusReadCosts } from './status-reads.ts';
import { runUserLoad } from './user-load.ts';
import type { ResponseTimes } from './user-load.ts';
import { measureLongPolls } from './long-polls.ts';
import type { LongPollFigures } from './long-polls.ts';

export interface GatewayFigures {
  readonly alone: Times & { readonly hops: Hops };
  /** Completed journeys a second through the gateway, with 32 concurrent users. */
  readonly ceiling: number;
  readonly loads: readonly { readonly share: number; readonly perSecond: number; readonly visits: ResponseTimes }[];
  readonly reads: StatusReadCosts;
  readonly waiting: LongPollFigures;
}

const SHARES = [0.3, 0.6];

/** Measures through the gateway. Server, worker, gateway and provider are separate processes. */
export function measureGateway({ quick, say, budget }: Run): Promise<GatewayFigures> {
  return withCleanup(async (cleanup) => {
    const [server, provider] = await Promise.all([startServer(), startProvider()]);
    cleanup.add(() => server.stop());
    cleanup.add(() => provider.close());
    const [taskQueue, { address }] = ['gateway', server];
    const worker = await startWorker({ address, taskQueue, bundlePath, provider });
    cleanup.add(() => worker.end());
    const gateway = await startGateway({ address, taskQueue });
    cleanup.add(() => gateway.close());
    const client = await connect({ connectionOptions: { address } }, keys);
    cleanup.add(() => client.connection.close());
    const system = throughGateway(gateway);

    await runJourneys({ system, provider, journeys: quick ? 20 : 40, parallel: 10 });
    const starts = await startOneByOne(provider, quick ? 10 : 100, (userId) => system.start(userId));
    const alone = { ...timesOf(starts), hops: await measureHops(client, starts) };
    say(`  one user at a time: ${alone.p50.toFixed(0)} ms to the request at the provider`);
    const journeys = quick ? 32 : 300;
    const ceiling = (journeys * 1_000) / (await runJourneys({ system, provider, journeys, parallel: 32 }));
    say(`  maximum: ${ceiling.toFixed(1)} journeys a second`);
    const load = async (share: number) => {
      const perSecond = ceiling * share;
      say(`  at ${share * 100} % of the maximum`);
      return { share, perSecond, visits: await runUserLoad({ gateway, provider, perSecond, seconds: quick ? 2 : 30 }) };
    };
    const loads = await budget.each(SHARES, (share) => `${share * 100} % of the maximum`, load, quick ? 10 : 60);
    const users = await startIdleJourneys(system, provider, quick ? 20 : 1_000);
    const read = await measureReads(gateway, worker.pid, server, users.slice(0, 100), quick ? 3 : 10);
    return { alone, ceiling, loads, reads: read, waiting: await measureLongPolls(gateway, users, quick ? 2 : 30) };
  });
}

/** Onward, called through its HTTP API. */
function throughGateway(gateway: Gateway): System {
  return {
    start: (userId) => gateway.call('POST', pathOf(userId), { accountType: 'individual' }),
    submit: (userId, channel, code) => gateway.call('POST', pathOf(userId, '/code'), { channel, code }),
  };
}
