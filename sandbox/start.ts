import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { bundlePath } from '../worker/bundle.ts';
import { run } from './run.ts';
import { untilStopped } from './signals.ts';
import { sandboxSettings, temporalOf } from './settings.ts';
import { startStack } from './stack.ts';
import { welcome } from './welcome.ts';

/** Compiled, this file lies in `dist/sandbox`. */
const root = fileURLToPath(new URL('../..', import.meta.url));

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** `npm start`: the whole stack until Ctrl-C or SIGTERM, the gateway with it. */
async function main(): Promise<void> {
  const given = sandboxSettings(process.env);
  const temporal = await temporalOf(process.env, root, say);
  const stopped = untilStopped(process);
  // A failed try to reach the provider is the journeys' business, and told by their status.
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const stack = await startStack({ ...given, temporal, bundlePath });
  say(welcome(stack, given.folder, given.provider?.baseUrl));
  try {
    await Promise.race([stopped, stack.ended]);
  } finally {
    say('Stopping …');
    await stack.close();
  }
}

await run(process, main);
