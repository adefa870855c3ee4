import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPrograms } from '../../sandbox/production/programs.ts';
import { startPostgres } from '../../sandbox/production/postgres.ts';
import { startProduction } from '../../sandbox/production/server.ts';
import { run } from '../../sandbox/temporal/run.ts';
import type { Undo } from '../../sandbox/undo.ts';
import { startServer } from '../stand/server.ts';

/** What a PostgreSQL has written since its start, by its own count. */
export interface Written {
  readonly commits: number;
  /** Inserted, updated and deleted. */
  readonly rows: number;
  /** Of its write-ahead log. */
  readonly bytes: number;
}

/** A Temporal server that many journeys are brought to. */
export interface ScaledServer {
  readonly address: string;
  readonly pid: number;
  /** Of its database on the disk. */
  bytes(): Promise<number>;
  /** `null` where the database does not count it. */
  readonly written: (() => Promise<Written>) | null;
}

export type StartScaled = (undo: Undo, folder: string, say: (line: string) => void) => Promise<ScaledServer>;

/** The server of `temporal-dev.yml` on a database file. */
export const startDevelopment: StartScaled = async (undo) => {
  const server = await startServer();
  undo.add(() => server.stop());
  return { ...server, written: null };
};

/** PostgreSQL's processes tell their counts once they have been idle for ten seconds. */
const TOLD_WITHIN = 11_000;

const WRITTEN = `SELECT sum(xact_commit), sum(tup_inserted + tup_updated + tup_deleted), (SELECT wal_bytes FROM pg_stat_wal)
  FROM pg_stat_database`;

/** The newest Temporal server over a PostgreSQL of its own, both as they come; throws `Missing` where they cannot be had. */
export const startOverPostgres: StartScaled = async (undo, folder, say) => {
  const programs = await findPrograms(resolve('.'), process.env['PATH'] ?? '', say);
  // PostgreSQL runs as a user of its own, who has to reach its folder in this one.
  await chmod(folder, 0o711);
  const postgres = await startPostgres(programs.postgres, folder);
  undo.add(() => postgres.stop());
  const server = await startProduction(programs, postgres, folder);
  undo.add(() => server.stop());
  const ask = async (query: string) => {
    const at = ['-h', '127.0.0.1', '-p', String(postgres.port), '-U', postgres.user, '-d', 'postgres'];
    const row = await run(join(programs.postgres, 'psql'), [...at, '-Atc', query]);
    return row.trim().split('|').map(Number);
  };
  return {
    address: server.address,
    pid: server.pid,
    bytes: async () => (await ask('SELECT sum(pg_database_size(oid)) FROM pg_database'))[0] ?? NaN,
    written: async () => {
      await pause(TOLD_WITHIN);
      const [commits = NaN, rows = NaN, bytes = NaN] = await ask(WRITTEN);
      return { commits, rows, bytes };
    },
  };
};
