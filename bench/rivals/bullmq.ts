import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import type { System } from '../harness/load.ts';
import { killEngine, pageUrl, startEngine, startPage, readPackageVersion } from './parts.ts';
import type { Contender } from './rival.ts';

interface Product extends System {
  isDone(userId: string): Promise<boolean>;
  close(): Promise<unknown>;
}

/** BullMQ on Redis with an append-only file and without eviction, as the BullMQ documentation recommends for production. */
export const bullmq: Contender = {
  name: 'BullMQ on Redis',
  keeps: 'all but the last second: Redis flushes its append-only file once a second',
  parallel: 256,
  missing: async () => (findRedis() === undefined ? 'no redis-server on the PATH' : undefined),
  setUp: async (provider, cleanup, folder) => {
    const [port = 0] = await freePorts([0]);
    const settings = {
      port,
      dir: folder,
      bind: '127.0.0.1',
      appendonly: 'yes',
      'maxmemory-policy': 'noeviction',
      save: '',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const engineUp = () =>
      startEngine(findRedis() ?? '', args, join(folder, 'log'), async () => {
        const socket = connectTo(port, '127.0.0.1');
        await once(socket, 'connect').finally(() => socket.destroy());
      });
    let engine = await engineUp();
    cleanup.add(() => engine.stop());
    let worker = await startPage('bullmq', port, provider);
    cleanup.add(() => worker.kill());
    const { connect } = (await import(pageUrl('bullmq'))) as { readonly connect: (port: number) => Promise<Product> };
    const product = await connect(port);
    cleanup.add(() => product.close());
    return {
      system: product,
      parts: `BullMQ ${await readPackageVersion('bullmq')}, Redis ${await readRedisVersion()}`,
      isDone: (userId) => product.isDone(userId),
      pids: () => [engine.pid, worker.pid],
      crash: async () => {
        await Promise.all([killEngine(engine), worker.kill()]);
        engine = await engineUp();
        worker = await startPage('bullmq', port, provider);
      },
    };
  },
};

async function readRedisVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(findRedis() ?? '', ['--version']);
  return /v=(\S+)/.exec(stdout)?.[1] ?? 'of an unknown version';
}

function findRedis(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
