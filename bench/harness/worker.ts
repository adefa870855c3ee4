import type { ProviderOptions } from '../../activities/sfox/provider-activities.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

export interface WorkerOptions {
  readonly address: string;
  readonly taskQueue: string;
  readonly bundlePath: string;
  readonly provider: Pick<ProviderOptions, 'baseUrl' | 'apiKey'>;
  readonly maxCachedWorkflows?: number;
  /** See `OnwardWorkerOptions`. */
  readonly healthReportInterval?: number;
}

/**
 * Starts a worker in a separate process.
 *
 * @param debug whether workflows run in the main thread, where their promises and heap can be measured; slower
 */
export function startWorker(options: WorkerOptions, debug = false): Promise<Child> {
  const debugOptions = { execArgv: ['--expose-gc'], env: { TEMPORAL_DEBUG: '1' } };
  return startChild(new URL('worker-process.js', import.meta.url), options, debug ? debugOptions : {});
}

/** Starts a worker whose workflow thread reports the size of its heap (`workflowHeap`), at no cost of speed. */
export function startHeapWorker(options: WorkerOptions): Promise<Child> {
  const preloaded = new URL('heap-thread.js', import.meta.url).href;
  return startChild(new URL('worker-process.js', import.meta.url), options, {
    execArgv: ['--expose-gc', `--import=${preloaded}`],
  });
}
