import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../worker/bundle.ts';

/** Bundles the hand-written journey with the options of Onward's bundle, including the preloaded modules. Returns the path of the file. */
export async function bundleTwin(folder: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const workflowsPath = fileURLToPath(new URL('workflow.js', import.meta.url));
  const { code } = await bundle({ workflowsPath, preloadModules: [resolve('@temporalio/workflow'), workflowsPath] });
  const path = join(folder, 'twin-bundle.js');
  await writeFile(path, code);
  return path;
}
