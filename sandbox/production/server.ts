import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DurableServer, Written } from '../fleet/server.ts';
import { launch } from '../temporal/launch.ts';
import { lowPorts } from './ports.ts';
import { configuration } from './configuration.ts';
import { makeNamespace, untilServing } from './namespace.ts';
import type { Postgres } from './postgres.ts';
import type { Programs } from './programs.ts';
import { databasesOf, makeDatabases } from './schema.ts';

/** What a server of production needs to be told, beside where everything is. `docs/operating.md` says why. */
const DYNAMIC = `frontend.namespaceCount:
  - value: 10000
frontend.namespaceRPS.visibility:
  - value: 100
system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute:
  - value: 2
`;

export interface ProductionServer extends DurableServer {
  readonly pid: number;
  readonly uiAddress: null;
}

/** A Temporal server as production has it, over databases of its own on a PostgreSQL, its namespace ready but for recovery's Schedule. */
export async function startProduction(
  programs: Programs,
  postgres: Postgres,
  folder: string,
): Promise<ProductionServer> {
  const name = `t${randomUUID().replaceAll('-', '')}`;
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  await makeDatabases(programs, postgres, name);
  const [frontend = 0, http = 0, history = 0, matching = 0, worker = 0, a = 0, b = 0, c = 0, d = 0] = await lowPorts(9);
  const [file, dynamic] = [join(own, 'server.yaml'), join(own, 'dynamic.yaml')];
  await writeFile(dynamic, DYNAMIC);
  const ports = { frontend, http, history, matching, worker, membership: [a, b, c, d] } as const;
  await writeFile(file, configuration(postgres, name, ports, dynamic));
  const logs: string[] = [];
  const address = `127.0.0.1:${frontend}`;
  const start = async () => {
    const log = join(own, `server-${logs.length}.log`);
    logs.push(log);
    const server = await launch(programs.server, ['--config-file', file, '--allow-no-auth', 'start'], log);
    try {
      await untilServing(address, server.gone);
      return server;
    } catch (error) {
      await server.stop();
      throw new Error(`${String(error)}\n${(await readFile(log, 'utf8')).slice(-3_000)}`, { cause: error });
    }
  };
  let server = await start();
  await makeNamespace(address);
  return {
    address,
    uiAddress: null,
    get pid() {
      return server.pid;
    },
    async crash(downFor) {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
      await pause(downFor);
      server = await start();
    },
    kept: () => written(postgres, name, [...logs, join(folder, 'postgres.log')]),
    stop: () => server.stop(),
  };
}

async function written(postgres: Postgres, name: string, logs: readonly string[]): Promise<Written[]> {
  const dumps = Object.values(databasesOf(name)).map(async (database, nth) => {
    return { name: ['database', 'visibility'][nth] ?? '', bytes: Buffer.from(await postgres.dump(database)) };
  });
  const files = logs.map(async (log) => ({ name: log.slice(log.lastIndexOf('/') + 1), bytes: await readFile(log) }));
  return Promise.all([...dumps, ...files]);
}
