import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';
import { connect } from '../../client/connect.ts';
import { bundle, preloaded } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { startProvider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import { heapOfIdle } from '../twin/idle.ts';
import { ours } from '../twin/systems.ts';

/** What a way to bundle the workflow is worth. */
export interface Bundled {
  readonly name: string;
  /** Of an idle journey, in bytes. */
  readonly heap: number;
}

const [frames = '', temporal = '', ...own] = preloaded;
const machine = fileURLToPath(new URL('../../workflows/machine.js', import.meta.url));

/** With whole stacks, as the SDK has it. */
export const wholeStacks: Partial<BundleOptions> = { preloadModules: [temporal, ...own] };

const ways: readonly { readonly name: string; readonly changes: Partial<BundleOptions> }[] = [
  { name: 'as it is: all preloaded, four frames of a stack', changes: {} },
  { name: 'ten frames of a stack', changes: wholeStacks },
  { name: 'the machine and Temporal preloaded', changes: { preloadModules: [frames, temporal, machine] } },
  { name: 'Temporal preloaded', changes: { preloadModules: [frames, temporal] } },
  { name: 'nothing preloaded', changes: { preloadModules: [frames] } },
  { name: 'XState’s development build', changes: { webpackConfigHook: (config) => config } },
];

/** Measures what an idle journey holds, with the workflow bundled in other ways. */
export function gainsOfBundle({ quick, say, budget }: Run): Promise<readonly Bundled[]> {
  const journeys = quick ? 40 : 100;
  return onStage(async (undo, folder) => {
    const [server, provider] = await Promise.all([startServer({ inMemory: true }), startProvider(0)]);
    undo.add(() => server.stop());
    undo.add(() => provider.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const measure = async ({ name, changes }: (typeof ways)[number]): Promise<Bundled> => {
      say(`  ${name}`);
      const [taskQueue, bundlePath] = [name, join(folder, 'bundle.js')];
      await writeFile(bundlePath, (await bundle(changes)).code);
      const given = { address, taskQueue, bundlePath, provider };
      return { name, heap: await heapOfIdle({ given, system: ours(client, taskQueue), provider }, journeys) };
    };
    return budget.each(ways, ({ name }) => name, measure);
  });
}
