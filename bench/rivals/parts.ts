import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { launch } from '../../sandbox/process/launch.ts';
import type { LaunchedProcess } from '../../sandbox/process/launch.ts';
import { startChild } from '../harness/child.ts';
import type { Child } from '../harness/child.ts';
import type { Provider } from '../harness/provider.ts';

/** The pages are not part of the build: they run from the source folder, which has their packages. */
export const FOLDER = resolve('bench/rivals');

export const pageUrl = (name: string) => pathToFileURL(`${FOLDER}/pages/${name}.js`).href;

/** Returns the installed version of a package of the rivals. */
export async function readPackageVersion(name: string): Promise<string> {
  const manifest = JSON.parse(await readFile(`${FOLDER}/node_modules/${name}/package.json`, 'utf8'));
  return (manifest as { readonly version: string }).version;
}

/** Starts a process that serves one of the pages. */
export function startPage(name: string, port: number, provider: Provider): Promise<Child> {
  const argument = { page: pageUrl(name), port };
  return startChild(new URL('page-process.js', import.meta.url), argument, {
    env: { PROVIDER: provider.baseUrl, RESTATE_LOGGING: 'ERROR' },
  });
}

/** Starts a program and waits until `answers` resolves. Throws its last error after 20 s. */
export async function startEngine(
  binary: string,
  args: readonly string[],
  log: string,
  answers: () => Promise<unknown>,
): Promise<LaunchedProcess> {
  const engine = await launch(binary, args, log);
  for (const deadline = Date.now() + ENGINE_TIMEOUT_MS; ; await pause(50)) {
    engine.exited.throwIfAborted();
    try {
      await answers();
      return engine;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

const ENGINE_TIMEOUT_MS = 20_000;

export async function killEngine(engine: LaunchedProcess): Promise<void> {
  process.kill(engine.pid, 'SIGKILL');
  await engine.stop();
}
