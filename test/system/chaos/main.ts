import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { runTrial } from './trial.ts';
import type { TrialResult } from './trial.ts';
import { startDurableServer } from '../fleet/durable-server.ts';
import { run } from '../../../sandbox/process/run-main.ts';
import { waitForShutdownSignal } from '../../../sandbox/process/signals.ts';
import { findTemporal } from '../../../sandbox/temporal/index.ts';
import { Cleanup } from '../../../sandbox/process/cleanup.ts';

const { env, stdout } = process;
const print = (text: string) => void stdout.write(`${text}\n`);

const TIMEOUT_MS = 15 * 60_000;

/** `npm run chaos -- --seed 7 --journeys 500`: kills processes while users sign up. Resolves to whether there was no violation. */
async function main(): Promise<boolean> {
  const { seed, journeys } = parseOptions(process.argv.slice(2));
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache'), say: print });
  const folder = await mkdtemp(join(tmpdir(), 'onward-chaos-'));
  const cleanup = new Cleanup();
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const deadline = new AbortController();
  void waitForShutdownSignal(process).then(() => deadline.abort(new Error('interrupted')));
  const timer = setTimeout(() => deadline.abort(new Error('journeys were unfinished after 15 minutes')), TIMEOUT_MS);
  cleanup.add(() => clearTimeout(timer));
  try {
    const server = await startDurableServer(folder, binary, resolve('temporal-dev.yml'));
    cleanup.add(() => server.stop());
    const startedAt = Date.now();
    const seconds = () => ((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6);
    const result = await runTrial({
      seed,
      journeys,
      interval: { minMs: 6_000, maxMs: 12_000 },
      maxDisruptions: Infinity,
      concurrency: 250,
      serverDowntimeMs: 1_500,
      folder,
      server,
      deadline: deadline.signal,
      report: (message) => print(`${seconds()} s  ${message}`),
    });
    print(formatReport(result));
    return result.violations.length + result.leaks.length === 0;
  } finally {
    await cleanup.run();
  }
}

function parseOptions(args: string[]): { seed: number; journeys: number } {
  const { values } = parseArgs({
    args,
    options: { seed: { type: 'string', default: '7' }, journeys: { type: 'string', default: '500' } },
  });
  const [seed, journeys] = [Number(values.seed), Number(values.journeys)];
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed must be a whole number; got '${values.seed}'`);
  if (Number.isInteger(journeys) && journeys >= 10 && journeys <= 5_000) return { seed, journeys };
  throw new Error(`--journeys must be a whole number from 10 to 5000; got '${values.journeys}'`);
}

function formatReport({ figures, violations, leaks }: TrialResult): string {
  const format = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · ');
  const { sends, unknown, reportedUnknown } = figures;
  const lines = [
    ['journeys', `${figures.journeys}: ${format(figures.finalPositions)}`],
    ['sign-up events', `${figures.events} answered with 202, each with a journey`],
    ['disruptions', format(figures.disruptions)],
    ['requests', format(figures.requests)],
    ['in statistics', `${figures.reportedRequests} requests: reports of killed workers are lost`],
    ['faults', format(figures.faults)],
    ['sends', `${sends}, of which ${unknown} have an unknown outcome; the journeys report ${reportedUnknown}`],
    ['lost sends', `${figures.lostSends} that did not leave a killed process`],
    ['errors', `${figures.errors} answered by gateways`],
    ['searched (MB)', format(figures.searchedMegabytes)],
  ].map(([name = '', text]) => `${name.padEnd(15)} ${text}`);
  const found = [...violations, ...leaks];
  const verdict =
    found.length === 0
      ? pc.green(
          'Every journey reached its expected status, no verified channel was sent a code, and no secret was stored.',
        )
      : pc.red([`${found.length} violations:`, ...found.map((violation) => `  ${violation}`)].join('\n'));
  return ['', ...lines, verdict].join('\n');
}

await run(process, main);
