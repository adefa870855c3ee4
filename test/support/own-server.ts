import { chmod, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startPostgres } from '../system/production-server/postgres.ts';
import type { Postgres } from '../system/production-server/postgres.ts';
import type { Programs } from '../system/production-server/programs.ts';
import { startProductionServer } from '../system/production-server/server.ts';
import type { ProductionServer } from '../system/production-server/server.ts';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { startStack } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

/** What `npm run test:production` has made ready; `undefined` in a run of `npm test`. */
export const production = JSON.parse(process.env['TEST_PRODUCTION'] ?? 'null') as {
  readonly programs: Programs;
  readonly folder: string;
} | null;

/** A Temporal server for tests that own the whole namespace: its Schedule, its lists and its counts. Of the kind that the run is on. */
export async function startOwnServer(): Promise<TemporalServer> {
  if (production !== null) {
    const { server, stop } = await startOwnProduction();
    // The exit of this one is not awaited.
    const exited = new AbortController().signal;
    return { address: server.address, uiAddress: null, pid: server.pid, exited, stop };
  }
  const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';
  return startTemporal({ binary, composeFile: resolve('temporal-dev.yml'), uiPort: false });
}

/** A stack on a Temporal server of its own, which stops when the stack is closed. */
export async function startStackOnOwnServer(options: StackOptions = {}): Promise<Stack> {
  const server = await startOwnServer();
  const stack = await startStack({ ...options, address: server.address }).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const close = async () => {
    await stack.close();
    await server.stop();
  };
  return { ...stack, close };
}

/** A server of production with a PostgreSQL of its own, which may be hit. */
export async function startOwnProduction(): Promise<{
  readonly server: ProductionServer;
  readonly postgres: Postgres;
  stop(this: void): Promise<void>;
}> {
  if (production === null) throw new Error('only npm run test:production has what this takes');
  const folder = await mkdtemp(join(production.folder, 'own-'));
  const { programs } = production;
  // PostgreSQL runs as another user where we are root.
  await chmod(folder, 0o755);
  const postgres = await startPostgres(programs.postgres, folder);
  const server = await startProductionServer(programs, postgres, folder);
  return {
    server,
    postgres,
    stop: async () => {
      await server.stop();
      await postgres.stop();
    },
  };
}
