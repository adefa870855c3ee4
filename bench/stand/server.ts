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
  /** How many actions of each kind the server has billed. */
  actions(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Arguments of `temporal-dev.yml` to leave out: those that hold one of these. */
  readonly without?: readonly string[];
  /** Keep everything in memory. */
  readonly inMemory?: boolean;
}

/** The server gathers its metrics for a second before it shows them. */
const FLUSHED_WITHIN = 1_500;

interface Compose {
  readonly services: { readonly temporal: { command: string[] } };
}

/** The server of `temporal-dev.yml` on a database of its own, with its metrics, and with less where that is to be compared. */
export async function startServer({ without = [], inMemory = false }: ServerOptions = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'onward-bench-'));
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
  const server = await startTemporal({ binary, composeFile, uiPort: false, dbFile });
  return {
    address: server.address,
    pid: server.pid,
    actions: async () => {
      await pause(FLUSHED_WITHIN);
      return actionsIn(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The server's own count of what Temporal Cloud would bill. */
function actionsIn(metrics: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, labels = '', count] of metrics.matchAll(/^action\{(.*)\} (\S+)$/gm)) {
    const kind = /action_type="([^"]*)"/.exec(labels)?.[1] ?? 'unnamed';
    if (labels.includes('namespace="default"')) counts[kind] = (counts[kind] ?? 0) + Number(count);
  }
  return counts;
}
