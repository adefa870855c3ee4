import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { placesOnPath } from '../temporal/binary.ts';
import { run } from '../temporal/run.ts';

/** What a production server is made of. */
export interface Programs {
  /** `go.temporal.io/server`, and its tool for SQL databases. */
  readonly server: string;
  readonly sql: string;
  /** Where the server's schemas are. */
  readonly schemas: string;
  /** PostgreSQL's folder of programs. */
  readonly postgres: string;
}

const MODULE = 'sandbox/production/server';
const PACKAGES = ['go.temporal.io/server/cmd/server', 'go.temporal.io/server/cmd/tools/sql'];

/** Something is not on this machine; the message says what, and how to get it. */
export class Missing extends Error {}

/**
 * Finds PostgreSQL and builds Temporal's server with Go, once, into a folder of the cache. Installs nothing.
 *
 * @param root the project's own folder
 * @throws Missing naming all that is not there
 */
export async function findPrograms(root: string, path: string, say: (line: string) => void): Promise<Programs> {
  const [go, postgres] = await Promise.all([find('go', path), findPostgres(path)]);
  const missing = [
    ...(go === undefined ? ['Go 1.26, to build the Temporal server (https://go.dev/dl)'] : []),
    ...(postgres === undefined ? ['PostgreSQL (apt-get update && apt-get install -y postgresql)'] : []),
  ];
  if (go === undefined || postgres === undefined) throw new Missing(`Not on this machine: ${missing.join('; ')}`);
  const cache = resolve(root, '.cache/production');
  const [server, sql] = [join(cache, 'server'), join(cache, 'sql')];
  const built = await Promise.all([server, sql].map(exists));
  if (built.includes(false)) {
    say('Building the Temporal server with Go: two to six minutes, once');
    await run(go, ['build', '-C', resolve(root, MODULE), '-o', `${cache}/`, ...PACKAGES]);
  }
  const schemas = await run(go, ['list', '-C', resolve(root, MODULE), '-m', '-f', '{{.Dir}}', 'go.temporal.io/server']);
  return { server, sql, schemas: join(schemas.trim(), 'schema/postgresql/v12'), postgres };
}

/** Debian keeps them off the PATH, a folder for each version; the newest is taken. */
async function findPostgres(path: string): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`);
  const found = await firstThere([...newest.map((folder) => join(folder, 'initdb')), ...placesOnPath('initdb', path)]);
  return found === undefined ? undefined : resolve(found, '..');
}

const find = (command: string, path: string) => firstThere(placesOnPath(command, path));

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await exists(file)) return file;
  return undefined;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
