import v8 from 'node:v8';
import vm from 'node:vm';
import { BroadcastChannel } from 'node:worker_threads';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createWorker } from '../../worker/create-worker.ts';
import { serveRequests, argument } from './serve-requests.ts';
import { HEAP_REQUEST, HEAP_REPLY } from './heap-thread.ts';
import { keys } from './keys.ts';
import type { WorkerOptions } from './worker.ts';

/** A worker in a separate process, like `npm run worker`, that answers requests for measurements. */

const { address, taskQueue, bundlePath, provider, maxCachedWorkflows, healthReportInterval } =
  argument as WorkerOptions;

const promises = new Map<string, number>();
countPromises();
let entries = 0;
countEntries();

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await createWorker({
  connection,
  namespace: 'default',
  encryptionKeys: keys,
  provider,
  workflowBundle: { codePath: bundlePath },
  taskQueue,
  rates: { sendsPerSecond: 10_000, checksPerSecond: 10_000 },
  ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
  ...(healthReportInterval !== undefined && { healthReportInterval }),
});
const ended = worker.run();

serveRequests(
  {
    /** Promises that a run of a workflow created; counted only in debug mode, where workflows run in this thread. */
    promises: (runId: string) => promises.get(runId) ?? 0,
    /** How many times the workflow sandbox was entered; counted only in debug mode. */
    entries: () => entries,
    /** Bytes of the heap of this thread, which contains workflows only in debug mode. Needs `--expose-gc`. */
    heap: () => {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    },
    /** Bytes of the heap of the workflow thread. Needs `startHeapWorker`. */
    workflowHeap,
  },
  async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  },
);

/** Counts the promises of workflow code in the hook that the SDK registers for stack traces. */
function countPromises(): void {
  if (process.env['TEMPORAL_DEBUG'] === undefined) return;
  const { createHook } = v8.promiseHooks;
  v8.promiseHooks.createHook = ({ init, ...rest }) =>
    createHook.call(v8.promiseHooks, {
      ...rest,
      init: (promise: Promise<unknown> & { runId?: string }, parent) => {
        // Several hooks may see a promise; the SDK's sets its run id.
        const known = promise.runId !== undefined;
        init?.(promise, parent);
        if (promise.runId !== undefined && !known) promises.set(promise.runId, (promises.get(promise.runId) ?? 0) + 1);
      },
    });
}

function countEntries(): void {
  if (process.env['TEMPORAL_DEBUG'] === undefined) return;
  const { prototype } = vm.Script;
  prototype.runInContext = new Proxy(Reflect.get(prototype, 'runInContext') as (...given: unknown[]) => unknown, {
    apply: (run, script, given): unknown => {
      entries += 1;
      return Reflect.apply(run, script, given);
    },
  });
}

function workflowHeap(): Promise<number> {
  const [requests, replies] = [new BroadcastChannel(HEAP_REQUEST), new BroadcastChannel(HEAP_REPLY)];
  return new Promise((done) => {
    replies.addEventListener('message', (message) => {
      requests.close();
      replies.close();
      done((message as Event & { readonly data: number }).data);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    requests.postMessage(null);
  });
}
