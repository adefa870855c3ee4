import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pc from 'picocolors';
import { defaultRecovery, defaultSettings } from '../client/settings.ts';
import { bundlePath } from '../worker/bundle.ts';
import { DAY } from '../workflows/policy.ts';
import type { Policy } from '../workflows/policy.ts';
import { curtain, wrongs } from './demo/curtain.ts';
import { playAll } from './demo/play.ts';
import { demoPolicy } from './demo/policy.ts';
import { liveShow, plainShow } from './demo/show.ts';
import { stories } from './demo/stories.ts';
import { temporalOf } from './settings.ts';
import { run } from './run.ts';
import { untilStopped } from './signals.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { Undo } from './undo.ts';

/** Compiled, this file lies in `dist/sandbox`. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const LONGEST_SHOW = 90_000;
const INTERRUPTED = 'interrupted';

const { env, stdout } = process;
const say = (text: string) => void stdout.write(`${text}\n`);

/** `npm run demo`: sign-ups of every kind on a stack of their own. Gives whether every one ended as it must. */
async function main(): Promise<boolean> {
  const temporal = await temporalOf(env, root, say);
  const over = new AbortController();
  // Everyone on the stage listens.
  setMaxListeners(0, over.signal);
  void untilStopped(process).then(() => over.abort(INTERRUPTED));
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const folder = await mkdtemp(join(tmpdir(), 'onward-demo-'));
  // A server that was given may know users of these names, and workers that know nothing of this provider.
  const run = 'given' in temporal ? randomBytes(3).toString('hex') : '';
  const taskQueue = `onboarding-demo${run}`;
  const undo = new Undo();
  undo.add(() => rm(folder, { recursive: true, force: true }));
  try {
    // Its people are retried by hand, and recovery is not to be quicker.
    const settings = { ...defaultSettings, recovery: { ...defaultRecovery, every: DAY } };
    const stack = await startStack({ folder, temporal, bundlePath, taskQueue, settings });
    undo.add(() => stack.close());
    const curfew = setTimeout(() => over.abort(), LONGEST_SHOW);
    undo.add(() => clearTimeout(curfew));
    return await perform(stack, over.signal, run);
  } finally {
    await undo.all();
  }
}

async function perform({ facade, sfox, uiAddress }: Stack, over: AbortSignal, run: string): Promise<boolean> {
  if (sfox === null) throw new Error('the demonstration reads its codes from the simulator, and there is none');
  const began = Date.now();
  say(`${pc.bold('Onward')}: ${stories.length} sign-ups, each with a fate of its own`);
  if (uiAddress !== null) say(pc.dim(`while they last, as Temporal sees them: ${uiAddress}`));
  const show = stdout.isTTY && !env['CI'] ? liveShow(stdout) : plainShow(stdout);
  const stage = { sfox, over, facade: (policy: Partial<Policy>) => facade({ ...demoPolicy, ...policy }) };
  const outcomes = await playAll(facade(demoPolicy), stage, show, run);
  if (over.reason === INTERRUPTED) return false;
  const wrong = wrongs(outcomes, sfox.requests());
  say(curtain(outcomes, wrong, (Date.now() - began) / 1_000));
  return wrong.length === 0;
}

await run(process, main);
