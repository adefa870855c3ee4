import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { BundleOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { failureConverterPath } from '../client/data-converter.ts';

/** Compiled files import compiled files, sources import sources: the bundle follows the one that it is built from. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const path = (relative: string) => fileURLToPath(new URL(`${relative}${extension}`, import.meta.url));

const { resolve } = createRequire(import.meta.url);

/**
 * Loaded once for all workflows of a worker, ours with all that they import: an idle journey's heap is four times as large
 * otherwise. So none of our modules may hold anything that changes.
 */
export const preloaded: readonly string[] = [
  path('frames'),
  resolve('@temporalio/workflow'),
  path('../workflows/index'),
  path('../workflows/trace'),
];

/** Where a production build keeps the bundle. */
export const bundlePath = fileURLToPath(new URL('workflow-bundle.js', import.meta.url));

/**
 * Bundles the workflows.
 *
 * @param changes what is to be otherwise, where two ways are compared
 */
export async function bundle(changes: Partial<BundleOptions> = {}): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: path('../workflows/index'),
    failureConverterPath,
    workflowInterceptorModules: [path('../workflows/trace')],
    preloadModules: [...preloaded],
    // In webpack's development mode XState's development build would be taken.
    webpackConfigHook: (config) => ({ ...config, mode: 'none' }),
    logger: new DefaultLogger('WARN'),
    ...changes,
  });
}

/** Bundles ahead of time, as the production build does. */
export async function writeBundle(): Promise<void> {
  const { code } = await bundle();
  await writeFile(bundlePath, code);
}
