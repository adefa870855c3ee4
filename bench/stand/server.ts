import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../sandbox/temporal/ports.ts';
import { findTemporal, startTemporal } from '../../sandbox/temporal/index.ts';

export interface Server {
  readonly address: string;
  readonly pid: number;
  /** How many actions the server has billed since this was asked before, or since its start. */
  billed(): Promise<number>;
  /** How many queries have reached it since its start. */
  queried(): Promise<number>;
  /** Of its database on the disk. */
  bytes(): Promise<number>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Arguments of `temporal-dev.yml` to leave out: those that hold one of these. */
  readonly without?: readonly string[];
  /** Keep everything in memory. */
  readonly inMemory?: boolean;
  /** Where it keeps everything, and listens, over several starts; what is there stays. */
  readonly at?: { readonly folder: string; readonly port: number };
}

/** The server gathers its metrics for a second before it shows them. */
const FLUSHED_WITHIN = 1_500;

interface Compose {
  readonly services: { readonly temporal: { command: string[] } };
}

/** The server of `temporal-dev.yml` on a database of its own, with its metrics, and with less where that is to be compared. */
export async function startServer({ without = [], inMemory = false, at }: ServerOptions = {}): Promise<Server> {
  const folder = at?.folder ?? (await mkdtemp(join(tmpdir(), 'onward-bench-')));
  const [metricsPort = 0] = await freePorts([0]);
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = process.env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache') });
  const compose = parse(await readFile('temporal-dev.yml', 'utf8')) as Compose;
  const { temporal } = compose.services;
  const kept = temporal.command.filter((argument) => !without.some((part) => argument.includes(part)));
  temporal.command = [...kept, `--metrics-port=${metricsPort}`];
  const composeFile = join(folder, 'temporal.yml');
  await writeFile(composeFile, stringify(compose));
  const dbFile = inMemory ? undefined : join(folder, 'temporal.db');
  const server = await startTemporal({ binary, composeFile, uiPort: false, dbFile, port: at?.port });
  const metrics = async () => {
    await pause(FLUSHED_WITHIN);
    return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  };
  let known = 0;
  return {
    address: server.address,
    pid: server.pid,
    billed: async () => {
      const before = known;
      known = sumOf(await metrics(), 'action', 'namespace="default"');
      return known - before;
    },
    queried: async () =>
      sumOf(await metrics(), 'service_requests', 'operation="QueryWorkflow"', 'service_name="frontend"'),
    bytes: async () => {
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

/** A count of the server's own, over all its labels that hold these. */
function sumOf(metrics: string, name: string, ...wanted: readonly string[]): number {
  let sum = 0;
  for (const [, labels = '', count] of metrics.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    if (wanted.every((label) => labels.includes(label))) sum += Number(count);
  }
  return sum;
}
