import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startTemporal } from '../../../sandbox/temporal/index.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';

/** A Temporal server that can be killed, and restarts on the same address with the same database. */
export interface DurableServer {
  readonly address: string;
  /** Kills the server, starts it again after `downtimeMs`, and resolves when it serves. */
  crash(downtimeMs: number): Promise<void>;
  /** Reads everything that the server has written: its database and its logs. */
  readArtifacts(): Promise<Artifact[]>;
  stop(): Promise<void>;
}

/** Stored or sent content: a file, a log, a response body. */
export interface Artifact {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Starts the development server on a database file in `folder`; each start writes its own log there. */
export async function startDurableServer(folder: string, binary: string, composeFile: string): Promise<DurableServer> {
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
    async crash(downtimeMs) {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
      await pause(downtimeMs);
      server = await start(Number(address.split(':')[1]));
    },
    async readArtifacts() {
      const names = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
      return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
    },
    stop: () => server.stop(),
  };
}
