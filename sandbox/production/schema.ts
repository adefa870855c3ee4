import { join } from 'node:path';
import { run } from '../temporal/run.ts';
import type { Postgres } from './postgres.ts';
import type { Programs } from './programs.ts';

/** The two databases of a Temporal server, by a name that tells servers on one PostgreSQL apart. */
export const databasesOf = (name: string) => ({ main: name, visibility: `${name}_visibility` });

/** Makes the databases, with the tool that Temporal brings for it. */
export async function makeDatabases({ sql, schemas }: Programs, { port, user }: Postgres, name: string): Promise<void> {
  const { main, visibility } = databasesOf(name);
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
