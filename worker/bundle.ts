import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { failureConverterPath } from '../client/data-converter.ts';

/** Compiled files import compiled files, sources import sources: the bundle follows the one that it is built from. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const path = (relative: string) => fileURLToPath(new URL(`${relative}${extension}`, import.meta.url));

/** Where a production build keeps the bundle. */
export const bundlePath = fileURLToPath(new URL('workflow-bundle.js', import.meta.url));

/** Bundles the workflows, or those of another file. */
export async function bundle(workflowsPath = path('../workflows/index')): Promise<WorkflowBundleWithSourceMap> {
  const { resolve } = createRequire(import.meta.url);
  return bundleWorkflowCode({
    workflowsPath,
    failureConverterPath,
    workflowInterceptorModules: [path('../workflows/trace')],
    // Loaded once for all workflows of a worker, and XState with the machine: a third of an idle journey's memory otherwise.
    preloadModules: [resolve('@temporalio/workflow'), path('../workflows/machine')],
    // In webpack's development mode XState's development build would be taken.
    webpackConfigHook: (config) => ({ ...config, mode: 'none' }),
    logger: new DefaultLogger('WARN'),
  });
}

/** Bundles ahead of time, as the production build does. */
export async function writeBundle(): Promise<void> {
  const { code } = await bundle();
  await writeFile(bundlePath, code);
}
