import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../sandbox/temporal/ports.ts';
import type { System } from '../stand/load.ts';
import { killEngine, pageOf, startEngine, startPage, versionOf } from './parts.ts';
import type { Contender } from './rival.ts';

interface Product extends System {
  isDone(userId: string): Promise<boolean>;
  close(): Promise<unknown>;
}

/** BullMQ on a Redis that keeps an append-only file and evicts nothing, as BullMQ's chapter on production asks. */
export const bullmq: Contender = {
  name: 'BullMQ on Redis',
  keeps: 'all but the last second: its file is flushed once a second',
  parallel: 256,
  missing: async () => (redisHere() === undefined ? 'no redis-server on the PATH' : undefined),
  setUp: async (provider, undo, folder) => {
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
      startEngine(redisHere() ?? '', args, join(folder, 'log'), async () => {
        const socket = connectTo(port, '127.0.0.1');
        await once(socket, 'connect').finally(() => socket.destroy());
      });
    let engine = await engineUp();
    undo.add(() => engine.stop());
    let worker = await startPage('bullmq', port, provider);
    undo.add(() => worker.kill());
    const { connect } = (await import(pageOf('bullmq'))) as { readonly connect: (port: number) => Promise<Product> };
    const product = await connect(port);
    undo.add(() => product.close());
    return {
      system: product,
      parts: `BullMQ ${await versionOf('bullmq')}, Redis ${await redisVersion()}`,
      isDone: (userId) => product.isDone(userId),
      pids: () => [engine.pid, worker.pid],
      die: async () => {
        await Promise.all([killEngine(engine), worker.kill()]);
        engine = await engineUp();
        worker = await startPage('bullmq', port, provider);
      },
    };
  },
};

async function redisVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(redisHere() ?? '', ['--version']);
  return /v=(\S+)/.exec(stdout)?.[1] ?? 'of an unknown version';
}

function redisHere(): string | undefined {
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
