import { connect } from '../../client/connect.ts';
import { Onward } from '../../client/onward.ts';
import { freePorts } from '../../sandbox/temporal/ports.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { keys } from '../stand/keys.ts';
import { startServer } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { ours } from '../twin/systems.ts';
import type { Contender } from './rival.ts';

/** Ours, on the server of `temporal-dev.yml`. */
export const onward: Contender = {
  name: 'Onward',
  keeps: 'all but the last moments: SQLite’s log is not flushed at each entry',
  parallel: 32,
  setUp: async (provider, undo, folder) => {
    const [port = 0] = await freePorts([0]);
    const serverUp = () => startServer({ at: { folder, port } });
    let server = await serverUp();
    undo.add(() => server.stop());
    const [taskQueue, { address }] = ['rivals', server];
    const workerUp = () => startWorker({ address, taskQueue, bundlePath, provider });
    let worker = await workerUp();
    undo.add(() => worker.kill());
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    const facade = new Onward({ client, taskQueue });
    return {
      system: ours(client, taskQueue),
      parts: `Temporal ${serverVersion}`,
      pids: () => [server.pid, worker.pid],
      isDone: async (userId) => (await facade.status(userId)).state === 'done',
      resend: (userId, channel) => facade.resend(userId, { channel }, { role: 'app', name: 'bench' }),
      die: async () => {
        await Promise.all([server.kill(), worker.kill()]);
        server = await serverUp();
        worker = await workerUp();
      },
    };
  },
};
