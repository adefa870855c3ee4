import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '../../../dist/test/system/production-server/postgres.js';
import { findPrograms } from '../../../dist/test/system/production-server/programs.js';
import { startProductionServer } from '../../../dist/test/system/production-server/server.js';

const print = (line) => process.stderr.write(`${line}\n`);

/** Starts a PostgreSQL and a Temporal server for the whole run; tests that need their own Temporal server start it on this PostgreSQL. */
export default async function globalSetup() {
  const programs = await findPrograms(resolve('.'), process.env.PATH ?? '', print);
  const folder = await mkdtemp(join(tmpdir(), 'onward-production-'));
  // PostgreSQL runs as another user if the tests run as root.
  await chmod(folder, 0o755);
  const postgres = await startPostgres(programs.postgres, folder);
  globalThis.production = { folder, postgres };
  const server = await startProductionServer(programs, postgres, folder);
  globalThis.production.server = server;
  process.env.TEST_TEMPORAL_ADDRESS = server.address;
  process.env.TEST_PRODUCTION = JSON.stringify({ programs, folder });
}
