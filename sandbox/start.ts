import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { bundlePath } from '../worker/bundle.ts';
import { run } from './process/run-main.ts';
import { waitForShutdownSignal } from './process/signals.ts';
import { sandboxSettings, findTemporalServer } from './config.ts';
import { simulatorPath } from './stack/simulator.ts';
import { startStack } from './stack/stack.ts';
import { welcomeText } from './welcome.ts';

/** The compiled file is in `dist/sandbox`. */
const root = fileURLToPath(new URL('../..', import.meta.url));

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** `onward dev` and `npm start`: runs the whole stack, including the gateway, until Ctrl-C or SIGTERM. */
async function main(): Promise<void> {
  const settings = sandboxSettings(process.env);
  const temporal = await findTemporalServer(process.env, root, say);
  const stopped = waitForShutdownSignal(process);
  // Only errors are logged: the status of a journey shows failed calls to the provider. While Temporal is down, the SDK's
  // core would log hundreds of warnings; the supervision writes one line.
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const stack = await startStack({ ...settings, temporal, bundlePath, simulatorPath, say });
  say(welcomeText(stack, settings.folder, settings.provider?.baseUrl));
  try {
    await stopped;
  } finally {
    say('Stopping…');
    await stack.close();
  }
}

await run(process, main);
