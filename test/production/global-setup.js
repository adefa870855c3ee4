import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '../../dist/sandbox/production/postgres.js';
import { findPrograms } from '../../dist/sandbox/production/programs.js';
import { startProduction } from '../../dist/sandbox/production/server.js';

const say = (line) => process.stderr.write(`${line}\n`);

/** A PostgreSQL and a Temporal server for the whole run; tests that own a server start another one on that PostgreSQL. */
export default async function globalSetup() {
  const programs = await findPrograms(resolve('.'), process.env.PATH ?? '', say);
  const folder = await mkdtemp(join(tmpdir(), 'onward-production-'));
  // PostgreSQL runs as another user where we are root.
  await chmod(folder, 0o755);
  const postgres = await startPostgres(programs.postgres, folder);
  globalThis.production = { folder, postgres };
  const server = await startProduction(programs, postgres, folder);
  globalThis.production.server = server;
  process.env.TEST_TEMPORAL_ADDRESS = server.address;
  process.env.TEST_PRODUCTION = JSON.stringify({ programs, folder });
}
