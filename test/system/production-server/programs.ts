import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { placesOnPath } from '../../../sandbox/temporal/binary.ts';
import { run } from '../../../sandbox/process/run-command.ts';

/** The programs and schemas that a production server needs. */
export interface Programs {
  /** `go.temporal.io/server` and its tool for SQL databases. */
  readonly server: string;
  readonly sql: string;
  /** The folder of the server's database schemas. */
  readonly schemas: string;
  /** The folder of PostgreSQL's programs. */
  readonly postgres: string;
}

const MODULE = 'test/system/production-server/server';
const PACKAGES = ['go.temporal.io/server/cmd/server', 'go.temporal.io/server/cmd/tools/sql'];

/** A required program is not installed; the message names it and how to install it. */
export class MissingProgramError extends Error {}

/**
 * Finds PostgreSQL, and builds Temporal's server with Go into the cache folder unless it is there. Installs nothing.
 *
 * @param root the project's folder
 * @throws MissingProgramError naming every missing program
 */
export async function findPrograms(root: string, path: string, say: (line: string) => void): Promise<Programs> {
  const [go, postgres] = await Promise.all([find('go', path), findPostgres(path)]);
  const missing = [
    ...(go === undefined ? ['Go 1.26, to build the Temporal server (https://go.dev/dl)'] : []),
    ...(postgres === undefined ? ['PostgreSQL (apt-get update && apt-get install -y postgresql)'] : []),
  ];
  if (go === undefined || postgres === undefined) throw new MissingProgramError(`Not installed: ${missing.join('; ')}`);
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

/** Debian installs each version into a folder that is not on the PATH; the newest is used. */
async function findPostgres(path: string): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`);
  const found = await firstExisting([
    ...newest.map((folder) => join(folder, 'initdb')),
    ...placesOnPath('initdb', path),
  ]);
  return found === undefined ? undefined : resolve(found, '..');
}

const find = (command: string, path: string) => firstExisting(placesOnPath(command, path));

async function firstExisting(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await exists(file)) return file;
  return undefined;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
