import type { ProviderOptions } from '../../activities/index.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

export interface WorkerGiven {
  readonly address: string;
  readonly taskQueue: string;
  readonly bundlePath: string;
  readonly provider: Pick<ProviderOptions, 'baseUrl' | 'apiKey'>;
  readonly maxCachedWorkflows?: number;
  /** See `OnwardWorkerOptions`. */
  readonly pulseEvery?: number;
}

/**
 * Starts a worker in a process of its own.
 *
 * @param looksInside runs its workflows in its main thread, where their promises and their heap can be counted; slower
 */
export function startWorker(given: WorkerGiven, looksInside = false): Promise<Child> {
  const inside = { execArgv: ['--expose-gc'], env: { TEMPORAL_DEBUG: '1' } };
  return startChild(new URL('worker-process.js', import.meta.url), given, looksInside ? inside : {});
}

/** The same, whose thread of workflows tells its heap (`workflowHeap`); as fast as without. */
export function startHeapWorker(given: WorkerGiven): Promise<Child> {
  const preloaded = new URL('heap-thread.js', import.meta.url).href;
  return startChild(new URL('worker-process.js', import.meta.url), given, {
    execArgv: ['--expose-gc', `--import=${preloaded}`],
  });
}
