import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../process/free-ports.ts';
import { launch } from '../process/launch.ts';
import type { RunningComponent } from '../process/supervise.ts';
import { RemoteSfox } from '../sfox/remote.ts';

/** The path of the simulator's process in a build. */
export const simulatorPath = fileURLToPath(new URL('../sfox/main.js', import.meta.url));

export interface SimulatorOptions {
  /** The path of the compiled process. */
  readonly path: string;
  /** Default: a free port. */
  readonly port?: number | undefined;
  readonly apiKey: string;
  /** Keeps users, codes and scripts. An outage that was switched on is not in it. */
  readonly stateFile: string;
  /** Overwritten at each start. */
  readonly logFile: string;
}

const TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Runs the simulator as a process of its own. Resolves once it answers. */
export async function launchSimulator(
  options: SimulatorOptions,
): Promise<RunningComponent & { readonly sfox: RemoteSfox; readonly port: number }> {
  const { path, apiKey, stateFile, logFile } = options;
  const [port = 0] = await freePorts([options.port ?? 0]);
  const args = [path, '--port', String(port), '--state-file', stateFile];
  const child = await launch(process.execPath, args, logFile, { ENTERPRISE_API_KEY: apiKey });
  const { exited } = child;
  const sfox = new RemoteSfox(`http://127.0.0.1:${port}`, apiKey);
  const ended = new Promise<string>((resolve) => {
    exited.addEventListener('abort', () => resolve((exited.reason as Error).message));
  });
  try {
    await waitUntilReady(sfox, exited);
  } catch (error) {
    await child.stop();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the sFOX simulator did not start: ${why}; its log is ${logFile}`, { cause: error });
  }
  return { sfox, port, ended, stop: () => child.stop() };
}

async function waitUntilReady(sfox: RemoteSfox, exited: AbortSignal): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    exited.throwIfAborted();
    if (await sfox.isReady()) return;
    if (Date.now() > deadline) throw new Error(`it does not answer after ${TIMEOUT_MS / 1_000} s`);
    await pause(POLL_MS);
  }
}
