import { connect } from '../../client/temporal/connect.ts';
import { Onward } from '../../client/onward.ts';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { keys } from '../harness/keys.ts';
import { startServer } from '../harness/server.ts';
import { startWorker } from '../harness/worker.ts';
import { onwardSystem } from '../twin/systems.ts';
import type { Contender } from './rival.ts';

/** Onward on the server of `temporal-dev.yml`. */
export const onward: Contender = {
  name: 'Onward',
  keeps: 'all but the last moments: SQLite does not flush its log at each commit',
  parallel: 32,
  setUp: async (provider, cleanup, folder) => {
    const [port = 0] = await freePorts([0]);
    const serverUp = () => startServer({ at: { folder, port } });
    let server = await serverUp();
    cleanup.add(() => server.stop());
    const [taskQueue, { address }] = ['rivals', server];
    const workerUp = () => startWorker({ address, taskQueue, bundlePath, provider });
    let worker = await workerUp();
    cleanup.add(() => worker.kill());
    const client = await connect({ connectionOptions: { address } }, keys);
    cleanup.add(() => client.connection.close());
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    const facade = new Onward({ client, taskQueue });
    return {
      system: onwardSystem(client, taskQueue),
      parts: `Temporal ${serverVersion}`,
      pids: () => [server.pid, worker.pid],
      isDone: async (userId) => (await facade.status(userId)).state === 'done',
      resend: (userId, channel) => facade.resend(userId, { channel }, { role: 'app', name: 'bench' }),
      crash: async () => {
        await Promise.all([server.kill(), worker.kill()]);
        server = await serverUp();
        worker = await workerUp();
      },
    };
  },
};
