import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import { findTemporal, startTemporal } from '../../sandbox/temporal/index.ts';

export interface Server {
  readonly address: string;
  readonly pid: number;
  /** Returns the number of billed actions since the previous call, or since the start of the server. */
  readBilledActions(): Promise<number>;
  /** Returns the number of queries the server received since its start. */
  readQueries(): Promise<number>;
  /** Returns the size of the database on the disk, in bytes. */
  readDatabaseBytes(): Promise<number>;
  /** Kills the server with SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Whether the database is in memory. */
  readonly inMemory?: boolean;
  /** The folder of the database and the port. The database is neither created empty nor deleted: several starts share it. */
  readonly at?: { readonly folder: string; readonly port: number };
}

/** The server publishes its metrics once a second. */
const METRICS_DELAY_MS = 1_500;

interface Compose {
  readonly services: { readonly temporal: { command: string[] } };
}

/** Starts the server of `temporal-dev.yml` with its metrics endpoint. */
export async function startServer({ inMemory = false, at }: ServerOptions = {}): Promise<Server> {
  const folder = at?.folder ?? (await mkdtemp(join(tmpdir(), 'onward-bench-')));
  const [metricsPort = 0] = await freePorts([0]);
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = process.env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache') });
  const compose = parse(await readFile('temporal-dev.yml', 'utf8')) as Compose;
  const { temporal } = compose.services;
  temporal.command = [...temporal.command, `--metrics-port=${metricsPort}`];
  const composeFile = join(folder, 'temporal.yml');
  await writeFile(composeFile, stringify(compose));
  const dbFile = inMemory ? undefined : join(folder, 'temporal.db');
  const server = await startTemporal({ binary, composeFile, uiPort: false, dbFile, port: at?.port });
  const metrics = async () => {
    await pause(METRICS_DELAY_MS);
    return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  };
  let known = 0;
  return {
    address: server.address,
    pid: server.pid,
    readBilledActions: async () => {
      const before = known;
      known = sumCounter(await metrics(), 'action', 'namespace="default"');
      return known - before;
    },
    readQueries: async () =>
      sumCounter(await metrics(), 'service_requests', 'operation="QueryWorkflow"', 'service_name="frontend"'),
    readDatabaseBytes: async () => {
      const sizes = ['', '-wal'].map((end) => stat(`${dbFile}${end}`).then(({ size }) => size));
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
    },
    stop: async () => {
      await server.stop();
      if (at === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sums a counter of the server over all series that have the given labels. */
function sumCounter(metrics: string, name: string, ...wanted: readonly string[]): number {
  let sum = 0;
  for (const [, labels = '', count] of metrics.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    if (wanted.every((label) => labels.includes(label))) sum += Number(count);
  }
  return sum;
}
