import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';
import { connect } from '../../client/connect.ts';
import { bundle } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { startProvider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import { idle } from '../twin/idle.ts';
import type { Idle } from '../twin/idle.ts';
import { ours } from '../twin/systems.ts';

/** What a way to bundle the workflow is worth. */
export interface Bundled {
  readonly name: string;
  readonly idle: Idle;
}

const { resolve } = createRequire(import.meta.url);
const temporal = resolve('@temporalio/workflow');
const machine = fileURLToPath(new URL('../../workflows/machine.js', import.meta.url));

const ways: readonly { readonly name: string; readonly changes: Partial<BundleOptions> }[] = [
  { name: 'as it is: all preloaded', changes: {} },
  { name: 'the machine and Temporal preloaded', changes: { preloadModules: [temporal, machine] } },
  { name: 'Temporal preloaded', changes: { preloadModules: [temporal] } },
  { name: 'nothing preloaded', changes: { preloadModules: [] } },
  { name: 'XState’s development build', changes: { webpackConfigHook: (config) => config } },
];

/** Measures what an idle journey holds, with the workflow bundled in other ways. */
export function gainsOfBundle({ quick, say }: Run): Promise<readonly Bundled[]> {
  const journeys = quick ? { memory: 40, heap: 40 } : { memory: 400, heap: 200 };
  return onStage(async (undo, folder) => {
    const [server, provider] = await Promise.all([startServer({ inMemory: true }), startProvider(0)]);
    undo.add(() => server.stop());
    undo.add(() => provider.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const found: Bundled[] = [];
    for (const [nth, { name, changes }] of ways.entries()) {
      const [taskQueue, bundlePath] = [`bundle-${nth}`, join(folder, `bundle-${nth}.js`)];
      await writeFile(bundlePath, (await bundle(changes)).code);
      const given = { address, taskQueue, bundlePath, provider };
      found.push({ name, idle: await idle({ given, system: ours(client, taskQueue), provider }, journeys) });
      say(`  ${name}`);
    }
    return found;
  });
}
