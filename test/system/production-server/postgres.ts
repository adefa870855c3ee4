import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '../../../sandbox/process/launch.ts';
import type { LaunchedProcess } from '../../../sandbox/process/launch.ts';
import { freePorts } from '../../../sandbox/process/free-ports.ts';
import { run } from '../../../sandbox/process/run-command.ts';

/** A PostgreSQL server owned by a test run. */
export interface Postgres {
  readonly port: number;
  /** The owner of the databases. Connections need no password. */
  readonly user: string;
  /** Stops the server without a clean shutdown, and starts it again on the same data. */
  crash(): Promise<void>;
  /** Returns a database as SQL text. */
  dump(database: string): Promise<string>;
  stop(): Promise<void>;
}

const USER = 'temporal';
/** PostgreSQL refuses to run as root; Debian's package creates this user. */
const UNPRIVILEGED = 'postgres';

/**
 * Starts PostgreSQL in a new folder, on its own port and socket.
 *
 * @param programs the folder of PostgreSQL's programs
 */
export async function startPostgres(programs: string, folder: string): Promise<Postgres> {
  const isRoot = process.getuid?.() === 0;
  const data = join(folder, 'postgres');
  await mkdir(data, { mode: 0o700, recursive: true });
  if (isRoot) await giveToUnprivileged(data);
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
    await waitUntilReady(() => run(...as('pg_isready', at)), server);
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

async function giveToUnprivileged(folder: string): Promise<void> {
  const [uid = 0, gid = 0] = (await Promise.all(['-u', '-g'].map((what) => run('id', [what, UNPRIVILEGED])))).map(
    Number,
  );
  await chown(folder, uid, gid);
}

const TIMEOUT_MS = 30_000;

async function waitUntilReady(check: () => Promise<unknown>, { exited }: LaunchedProcess): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; ;) {
    try {
      return void (await check());
    } catch (error) {
      if (exited.aborted || Date.now() > deadline) throw new Error('PostgreSQL did not start', { cause: error });
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}
