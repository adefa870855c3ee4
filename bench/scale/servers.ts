import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPrograms } from '../../test/system/production-server/programs.ts';
import { startPostgres } from '../../test/system/production-server/postgres.ts';
import { startProductionServer } from '../../test/system/production-server/server.ts';
import { run } from '../../sandbox/process/run-command.ts';
import type { Cleanup } from '../../sandbox/process/cleanup.ts';
import { startServer } from '../harness/server.ts';

/** What PostgreSQL wrote since its start, by its own statistics. */
export interface DatabaseWrites {
  readonly commits: number;
  /** Inserted, updated and deleted. */
  readonly rows: number;
  /** Bytes of the write-ahead log. */
  readonly bytes: number;
}

/** A Temporal server for the measurements with many journeys. */
export interface ScaledServer {
  readonly address: string;
  readonly pid: number;
  /** Returns the size of the database on the disk, in bytes. */
  readDatabaseBytes(): Promise<number>;
  /** `null` if the database has no such statistics. */
  readonly written: (() => Promise<DatabaseWrites>) | null;
}

export type StartScaledServer = (
  cleanup: Cleanup,
  folder: string,
  say: (line: string) => void,
) => Promise<ScaledServer>;

/** Starts the server of `temporal-dev.yml` with a database file. */
export const startDevelopmentServer: StartScaledServer = async (cleanup) => {
  const server = await startServer();
  cleanup.add(() => server.stop());
  return { ...server, written: null };
};

/** A PostgreSQL process reports its statistics after ten idle seconds. */
const STATISTICS_DELAY_MS = 11_000;

const STATISTICS_QUERY = `SELECT sum(xact_commit), sum(tup_inserted + tup_updated + tup_deleted), (SELECT wal_bytes FROM pg_stat_wal)
  FROM pg_stat_database`;

/** Starts the newest Temporal server with PostgreSQL, both with their default settings. Throws `MissingProgramError` if one is not available. */
export const startPostgresServer: StartScaledServer = async (cleanup, folder, say) => {
  const programs = await findPrograms(resolve('.'), process.env['PATH'] ?? '', say);
  // PostgreSQL runs as another user, which needs access to its folder inside this one.
  await chmod(folder, 0o711);
  const postgres = await startPostgres(programs.postgres, folder);
  cleanup.add(() => postgres.stop());
  const server = await startProductionServer(programs, postgres, folder);
  cleanup.add(() => server.stop());
  const query = async (query: string) => {
    const at = ['-h', '127.0.0.1', '-p', String(postgres.port), '-U', postgres.user, '-d', 'postgres'];
    const row = await run(join(programs.postgres, 'psql'), [...at, '-Atc', query]);
    return row.trim().split('|').map(Number);
  };
  return {
    address: server.address,
    pid: server.pid,
    readDatabaseBytes: async () => (await query('SELECT sum(pg_database_size(oid)) FROM pg_database'))[0] ?? NaN,
    written: async () => {
      await pause(STATISTICS_DELAY_MS);
      const [commits = NaN, rows = NaN, bytes = NaN] = await query(STATISTICS_QUERY);
      return { commits, rows, bytes };
    },
  };
};
