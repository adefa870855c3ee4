import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startTemporal } from '../temporal/index.ts';
import type { TemporalServer } from '../temporal/index.ts';

/** A Temporal server that may be killed, and comes back at the same address with all that it had. */
export interface DurableServer {
  readonly address: string;
  /** Kills it, leaves it down for a moment, and resolves when it works again. */
  crash(downFor: number): Promise<void>;
  /** All that it has written: its database and its logs. */
  kept(): Promise<Written[]>;
  stop(): Promise<void>;
}

/** Something that was written down or sent: a file, a log, a body. */
export interface Written {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The development server on a database file in a folder; each start writes a log of its own beside it. */
export async function startDurable(folder: string, binary: string, composeFile: string): Promise<DurableServer> {
  let starts = 0;
  const start = (port?: number): Promise<TemporalServer> =>
    startTemporal({
      binary,
      composeFile,
      port,
      uiPort: false,
      dbFile: join(folder, 'temporal.db'),
      logFile: join(folder, `temporal-${(starts += 1)}.log`),
    });
  let server = await start();
  const { address } = server;
  return {
    address,
    async crash(downFor) {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
      await pause(downFor);
      server = await start(Number(address.split(':')[1]));
    },
    async kept() {
      const names = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
      return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
    },
    stop: () => server.stop(),
  };
}
