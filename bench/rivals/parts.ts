import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { launch } from '../../sandbox/temporal/launch.ts';
import type { Launched } from '../../sandbox/temporal/launch.ts';
import { startChild } from '../stand/child.ts';
import type { Child } from '../stand/child.ts';
import type { Provider } from '../stand/provider.ts';

/** The rivals are no part of the build: they stay where they were written, beside their packages. */
export const FOLDER = resolve('bench/rivals');

export const pageOf = (name: string) => pathToFileURL(`${FOLDER}/pages/${name}.js`).href;

/** Of a package that the rivals are made of. */
export async function versionOf(name: string): Promise<string> {
  const manifest = JSON.parse(await readFile(`${FOLDER}/node_modules/${name}/package.json`, 'utf8'));
  return (manifest as { readonly version: string }).version;
}

/** Starts a worker of one of the pages. */
export function startPage(name: string, port: number, provider: Provider): Promise<Child> {
  const given = { page: pageOf(name), port };
  return startChild(new URL('pages-process.js', import.meta.url), given, {
    env: { PROVIDER: provider.baseUrl, RESTATE_LOGGING: 'ERROR' },
  });
}

/** Starts a program, and waits until it answers. */
export async function startEngine(
  binary: string,
  args: readonly string[],
  log: string,
  answers: () => Promise<unknown>,
): Promise<Launched> {
  const engine = await launch(binary, args, log);
  for (const deadline = Date.now() + ENGINE_WITHIN; ; await pause(50)) {
    engine.gone.throwIfAborted();
    try {
      await answers();
      return engine;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

const ENGINE_WITHIN = 20_000;

export async function killEngine(engine: Launched): Promise<void> {
  process.kill(engine.pid, 'SIGKILL');
  await engine.stop();
}
