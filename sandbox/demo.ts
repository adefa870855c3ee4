import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pc from 'picocolors';
import { defaultRecovery, defaultSettings } from '../client/config/policy-file.ts';
import { bundlePath } from '../worker/bundle.ts';
import { DAY } from '../workflows/journey/policy/policy.ts';
import type { Policy } from '../workflows/journey/policy/policy.ts';
import { summaryText, findDifferences } from './demo/summary.ts';
import { runScenarios } from './demo/run-scenarios.ts';
import { demoPolicy } from './demo/policy.ts';
import { createTableDisplay, createLineDisplay } from './demo/display.ts';
import { scenarios } from './demo/scenarios.ts';
import { findTemporalServer } from './config.ts';
import { run } from './process/run-main.ts';
import { waitForShutdownSignal } from './process/signals.ts';
import { simulatorPath } from './stack/simulator.ts';
import { startStack } from './stack/stack.ts';
import type { Stack } from './stack/stack.ts';
import { Cleanup } from './process/cleanup.ts';

/** The compiled file is in `dist/sandbox`. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 90_000;
const INTERRUPTED = 'interrupted';

const { env, stdout } = process;
const say = (text: string) => void stdout.write(`${text}\n`);

/** `npm run demo`: runs every scenario on a temporary stack. Returns whether each ended as expected. */
async function main(): Promise<boolean> {
  const temporal = await findTemporalServer(env, root, say);
  const over = new AbortController();
  // Every simulated user listens.
  setMaxListeners(0, over.signal);
  void waitForShutdownSignal(process).then(() => over.abort(INTERRUPTED));
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const folder = await mkdtemp(join(tmpdir(), 'onward-demo-'));
  // An existing server may have journeys with these user ids, and workers that use another provider.
  const run = 'given' in temporal ? randomBytes(3).toString('hex') : '';
  const taskQueue = `onboarding-demo${run}`;
  const cleanup = new Cleanup();
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  try {
    // The scenarios retry stalled journeys; automatic recovery must not do so first.
    const settings = { ...defaultSettings, recovery: { ...defaultRecovery, every: DAY } };
    const stack = await startStack({ folder, temporal, bundlePath, simulatorPath, taskQueue, settings });
    cleanup.add(() => stack.close());
    const timeout = setTimeout(() => over.abort(), TIMEOUT_MS);
    cleanup.add(() => clearTimeout(timeout));
    return await perform(stack, over.signal, run);
  } finally {
    await cleanup.run();
  }
}

async function perform({ facade, sfox, uiAddress }: Stack, over: AbortSignal, run: string): Promise<boolean> {
  if (sfox === null) throw new Error('the demo needs the simulator, which is not used when SFOX_BASE_URL is set');
  const startedAt = Date.now();
  say(`${pc.bold('Onward')}: ${scenarios.length} sign-ups, each with another scenario`);
  if (uiAddress !== null) say(pc.dim(`Temporal Web UI during the demo: ${uiAddress}`));
  const show = stdout.isTTY && !env['CI'] ? createTableDisplay(stdout) : createLineDisplay(stdout);
  const stage = { sfox, over, facade: (policy: Partial<Policy>) => facade({ ...demoPolicy, ...policy }) };
  const outcomes = await runScenarios(facade(demoPolicy), stage, show, run);
  if (over.reason === INTERRUPTED) return false;
  const wrong = findDifferences(outcomes, await sfox.requests());
  say(summaryText(outcomes, wrong, (Date.now() - startedAt) / 1_000));
  return wrong.length === 0;
}

await run(process, main);
