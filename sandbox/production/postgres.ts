import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '../temporal/launch.ts';
import type { Launched } from '../temporal/launch.ts';
import { freePorts } from '../temporal/ports.ts';
import { run } from '../temporal/run.ts';

/** A PostgreSQL of one's own, for as long as it is wanted. */
export interface Postgres {
  readonly port: number;
  /** Of the databases' owner; who reaches the port is trusted. */
  readonly user: string;
  /** Kills it as a crash does, and has it come back with what it had. */
  crash(): Promise<void>;
  /** A database as text. */
  dump(database: string): Promise<string>;
  stop(): Promise<void>;
}

const USER = 'temporal';
/** PostgreSQL refuses to run as root; Debian's package brings this user along. */
const UNPRIVILEGED = 'postgres';

/**
 * Starts it on a folder that it makes, on a port and a socket of its own.
 *
 * @param programs the folder of PostgreSQL's programs
 */
export async function startPostgres(programs: string, folder: string): Promise<Postgres> {
  const isRoot = process.getuid?.() === 0;
  const data = join(folder, 'postgres');
  await mkdir(data, { mode: 0o700, recursive: true });
  if (isRoot) await giveTo(data);
  const as = (program: string, args: readonly string[]): [string, string[]] => {
    const file = join(programs, program);
    return isRoot
      ? ['setpriv', [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, '--init-groups', '--', file, ...args]]
      : [file, [...args]];
  };
  await run(...as('initdb', ['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C']));
  const [port = 0] = await freePorts([0]);
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: data, max_connections: 200 };
  const args = ['-D', data, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
  const at = ['-h', '127.0.0.1', '-p', String(port), '-U', USER];
  const start = async () => {
    const server = await launch(...as('postgres', args), join(folder, 'postgres.log'));
    await ready(() => run(...as('pg_isready', at)), server);
    return server;
  };
  let server = await start();
  return {
    port,
    user: USER,
    async crash() {
      await run(...as('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']));
      await server.stop();
      server = await start();
    },
    dump: (database) => run(...as('pg_dump', [...at, database])),
    async stop() {
      await run(...as('pg_ctl', ['-D', data, '-m', 'fast', 'stop']));
      await server.stop();
    },
  };
}

async function giveTo(folder: string): Promise<void> {
  const [uid = 0, gid = 0] = (await Promise.all(['-u', '-g'].map((what) => run('id', [what, UNPRIVILEGED])))).map(
    Number,
  );
  await chown(folder, uid, gid);
}

const PATIENCE = 30_000;

async function ready(ask: () => Promise<unknown>, { gone }: Launched): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; ;) {
    try {
      return void (await ask());
    } catch (error) {
      if (gone.aborted || Date.now() > deadline) throw new Error('PostgreSQL did not start', { cause: error });
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}
