import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { Fleet } from '../fleet/fleet.ts';
import { verifyOutcome } from './verify-outcome.ts';
import type { OutageResult } from './verify-outcome.ts';
import { renderLine, renderDisplay } from './display.ts';
import { runScenario, buildPolicy } from './run-scenario.ts';
import type { OutageOptions, OutageView } from './run-scenario.ts';
import { run } from '../../../sandbox/process/run-main.ts';
import { startSfox } from '../../../sandbox/sfox/index.ts';
import { waitForShutdownSignal } from '../../../sandbox/process/signals.ts';
import { findTemporal, startTemporal } from '../../../sandbox/temporal/index.ts';
import { Cleanup } from '../../../sandbox/process/cleanup.ts';

const { env, stdout } = process;
const print = (text: string) => void stdout.write(`${text}\n`);

const TIMEOUT_MS = 10 * 60_000;
const LINE_INTERVAL_MS = 2_000;
const rate = { perSecond: 5, upToPerSecond: 20 };

/** `npm run outage -- --journeys 300`: the provider fails twice while journeys are open. Resolves to whether there was no violation. */
async function main(): Promise<boolean> {
  const journeys = parseJourneys(process.argv.slice(2));
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache'), say: print });
  const folder = await mkdtemp(join(tmpdir(), 'onward-outage-'));
  const cleanup = new Cleanup();
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const deadline = new AbortController();
  void waitForShutdownSignal(process).then(() => deadline.abort(new Error('interrupted')));
  const timer = setTimeout(() => deadline.abort(new Error('it took longer than ten minutes')), TIMEOUT_MS);
  cleanup.add(() => clearTimeout(timer));
  try {
    const composeFile = resolve('temporal-dev.yml');
    const server = await startTemporal({ binary, composeFile, uiPort: false, dbFile: join(folder, 'temporal.db') });
    cleanup.add(() => server.stop());
    const sfox = await startSfox();
    cleanup.add(() => sfox.close());
    const fleet = await Fleet.start({
      folder,
      address: server.address,
      sfox,
      policy: buildPolicy(rate, { every: '10 s', codeLife: '20 s' }),
      workers: 2,
      gateways: 1,
    });
    cleanup.add(() => fleet.close());
    const startedAt = Date.now();
    const users = Array.from({ length: journeys }, (_, nth) => `user${String(nth + 1).padStart(4, '0')}`);
    const changes = await runScenario({ fleet, users, deadline: deadline.signal, ...createScreen(startedAt) });
    const result = verifyOutcome(fleet.sfox.requests(), changes, rate);
    print(formatReport(journeys, (Date.now() - startedAt) / 1_000, result));
    return result.violations.length === 0;
  } finally {
    await cleanup.run();
  }
}

function parseJourneys(args: string[]): number {
  const { values } = parseArgs({ args, options: { journeys: { type: 'string', default: '300' } } });
  const journeys = Number(values.journeys);
  if (Number.isInteger(journeys) && journeys >= 6 && journeys <= 5_000) return journeys;
  throw new Error(`--journeys must be a whole number from 6 to 5000; got '${values.journeys}'`);
}

/** Redraws a display on a terminal, and prints plain lines elsewhere. */
function createScreen(startedAt: number): Pick<OutageOptions, 'report' | 'show'> {
  const withTime = (text: string) => `${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`;
  if (!stdout.isTTY || env['CI']) {
    let nextLineAt = 0;
    const show = (view: OutageView) => {
      if (Date.now() < nextLineAt) return;
      nextLineAt = Date.now() + LINE_INTERVAL_MS;
      print(withTime(renderLine(view)));
    };
    return { report: (message) => print(withTime(message)), show };
  }
  const redraw = createLogUpdate(stdout);
  const messages: string[] = [];
  return {
    report: (message) => void messages.push(withTime(message)),
    show: (view) => redraw(renderDisplay(view, messages)),
  };
}

function formatReport(journeys: number, seconds: number, result: OutageResult): string {
  const drains = result.drains.map(({ canary, recovered, peak }, nth) => {
    return `  drain ${nth + 1}: canary ${canary}, ${recovered} recovered, ${peak} a second at most`;
  });
  const { sentCodes, extraCodes, violations } = result;
  const totals = `${journeys} journeys in ${seconds.toFixed(0)} s, ${sentCodes} codes, ${extraCodes} of them a second one`;
  const verdict =
    violations.length === 0
      ? pc.green(
          'Every journey is done, a canary came first, no rate was exceeded, and no user got more than one extra code.',
        )
      : pc.red([`${violations.length} violations:`, ...violations.map((violation) => `  ${violation}`)].join('\n'));
  return ['', totals, ...drains, verdict].join('\n');
}

await run(process, main);
