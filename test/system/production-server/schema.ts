import { join } from 'node:path';
import { run } from '../../../sandbox/process/run-command.ts';
import type { Postgres } from './postgres.ts';
import type { Programs } from './programs.ts';

/** The two databases of a Temporal server; `name` distinguishes servers that share one PostgreSQL. */
export const databaseNames = (name: string) => ({ main: name, visibility: `${name}_visibility` });

/** Creates the databases with Temporal's schema tool. */
export async function createDatabases(
  { sql, schemas }: Programs,
  { port, user }: Postgres,
  name: string,
): Promise<void> {
  const { main, visibility } = databaseNames(name);
  for (const [database, kind] of [
    [main, 'temporal'],
    [visibility, 'visibility'],
  ] as const) {
    const at = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '-p', String(port), '-u', user, '--db', database];
    await run(sql, [...at, 'create-database']);
    await run(sql, [...at, 'setup-schema', '-v', '0.0']);
    await run(sql, [...at, 'update-schema', '-d', join(schemas, kind, 'versioned')]);
  }
}
