import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { BundleOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { failureConverterPath } from '../client/temporal/data-converter.ts';

/** Compiled files import compiled files and sources import sources; the bundle does the same. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const path = (relative: string) => fileURLToPath(new URL(`${relative}${extension}`, import.meta.url));

const { resolve } = createRequire(import.meta.url);

/**
 * Modules that a worker loads once for all workflows, including everything that they import. Otherwise the heap of an idle
 * journey would be four times as large. Because they are shared, no workflow module may have mutable state.
 */
export const preloaded: readonly string[] = [
  path('stack-trace-limit'),
  resolve('@temporalio/workflow'),
  path('../workflows/index'),
  path('../workflows/trace-interceptor'),
];

/** The path of the bundle in a production build. */
export const bundlePath = fileURLToPath(new URL('workflow-bundle.js', import.meta.url));

/**
 * Bundles the workflows.
 *
 * @param changes options to override, for comparisons
 */
export async function bundle(changes: Partial<BundleOptions> = {}): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: path('../workflows/index'),
    failureConverterPath,
    workflowInterceptorModules: [path('../workflows/trace-interceptor')],
    preloadModules: [...preloaded],
    // In webpack's development mode, XState's development build would be bundled.
    webpackConfigHook: (config) => ({ ...config, mode: 'none' }),
    logger: new DefaultLogger('WARN'),
    ...changes,
  });
}

/** Writes the bundle to `bundlePath`, for the production build. */
export async function writeBundle(): Promise<void> {
  const { code } = await bundle();
  await writeFile(bundlePath, code);
}
