import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DurableServer, Artifact } from '../fleet/durable-server.ts';
import { launch } from '../../../sandbox/process/launch.ts';
import { freeLowPorts } from './ports.ts';
import { renderConfiguration } from './configuration.ts';
import { createNamespace, waitUntilServing } from './namespace.ts';
import type { Postgres } from './postgres.ts';
import type { Programs } from './programs.ts';
import { databaseNames, createDatabases } from './schema.ts';

/** Added to the deployed configuration: a journey that fails is reported after two attempts, so that no test waits for five. */
const REPORT_PROBLEMS_SOON = `system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute:
  - value: 2
`;

export interface ProductionServer extends DurableServer {
  readonly pid: number;
  readonly uiAddress: null;
}

/** Starts a production Temporal server with its own databases on `postgres`. The namespace is set up, except for recovery's Schedule. */
export async function startProductionServer(
  programs: Programs,
  postgres: Postgres,
  folder: string,
): Promise<ProductionServer> {
  const name = `t${randomUUID().replaceAll('-', '')}`;
  const serverFolder = join(folder, name);
  await mkdir(serverFolder, { recursive: true });
  await createDatabases(programs, postgres, name);
  const [frontend = 0, http = 0, history = 0, matching = 0, worker = 0, a = 0, b = 0, c = 0, d = 0] =
    await freeLowPorts(9);
  const [file, dynamic] = [join(serverFolder, 'server.yaml'), join(serverFolder, 'dynamic.yaml')];
  await writeFile(dynamic, `${await readFile('deploy/temporal/dynamic.yml', 'utf8')}${REPORT_PROBLEMS_SOON}`);
  const ports = { frontend, http, history, matching, worker, membership: [a, b, c, d] } as const;
  await writeFile(
    file,
    renderConfiguration(await readFile('deploy/temporal/server.yml', 'utf8'), { postgres, name, ports, dynamic }),
  );
  const logs: string[] = [];
  const address = `127.0.0.1:${frontend}`;
  const start = async () => {
    const log = join(serverFolder, `server-${logs.length}.log`);
    logs.push(log);
    const server = await launch(programs.server, ['--config-file', file, '--allow-no-auth', 'start'], log);
    try {
      await waitUntilServing(address, server.exited);
      return server;
    } catch (error) {
      await server.stop();
      throw new Error(`${String(error)}\n${(await readFile(log, 'utf8')).slice(-3_000)}`, { cause: error });
    }
  };
  let server = await start();
  await createNamespace(address);
  return {
    address,
    uiAddress: null,
    get pid() {
      return server.pid;
    },
    async crash(downtimeMs) {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
      await pause(downtimeMs);
      server = await start();
    },
    readArtifacts: () => readArtifacts(postgres, name, [...logs, join(folder, 'postgres.log')]),
    stop: () => server.stop(),
  };
}

async function readArtifacts(postgres: Postgres, name: string, logs: readonly string[]): Promise<Artifact[]> {
  const dumps = Object.values(databaseNames(name)).map(async (database, nth) => {
    return { name: ['database', 'visibility'][nth] ?? '', bytes: Buffer.from(await postgres.dump(database)) };
  });
  const files = logs.map(async (log) => ({ name: log.slice(log.lastIndexOf('/') + 1), bytes: await readFile(log) }));
  return Promise.all([...dumps, ...files]);
}
