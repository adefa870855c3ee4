import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
  let known = 0;
  return {
    address: server.address,
    pid: server.pid,
    billed: async () => {
      await pause(FLUSHED_WITHIN);
      const before = known;
      known = actionsIn(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
      return known - before;
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

/** The server's own count of what Temporal Cloud would bill. */
function actionsIn(metrics: string): number {
  let sum = 0;
  for (const [, labels = '', count] of metrics.matchAll(/^action\{(.*)\} (\S+)$/gm)) {
    if (labels.includes('namespace="default"')) sum += Number(count);
  }
  return sum;
}
