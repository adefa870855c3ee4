import v8 from 'node:v8';
import vm from 'node:vm';
import { BroadcastChannel } from 'node:worker_threads';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createWorker } from '../../worker/create-worker.ts';
import { answering, given } from './answering.ts';
import { HEAP_ASKED, HEAP_TOLD } from './heap-thread.ts';
import { keys } from './keys.ts';
import type { WorkerGiven } from './worker.ts';

/** A worker in a process of its own, as `npm run worker` has it, with more to be asked. */

const { address, taskQueue, bundlePath, provider, maxCachedWorkflows, pulseEvery } = given as WorkerGiven;

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
  ...(pulseEvery !== undefined && { pulseEvery }),
});
const ended = worker.run();

answering(
  {
    /** Promises that a run of a workflow has made; counted in debug mode alone, where workflows run in this thread. */
    promises: (runId: string) => promises.get(runId) ?? 0,
    /** How often the sandbox of workflows was entered; counted in debug mode alone as well. */
    entries: () => entries,
    /** Bytes that are still in use; holds workflows in debug mode alone. Needs `--expose-gc`. */
    heap: () => {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    },
    /** Bytes that its workflows still use. Needs `startHeapWorker`. */
    workflowHeap,
  },
  async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  },
);

/** The SDK sees each promise of a workflow, to tell where one stands: the same place counts them. */
function countPromises(): void {
  if (process.env['TEMPORAL_DEBUG'] === undefined) return;
  const { createHook } = v8.promiseHooks;
  v8.promiseHooks.createHook = ({ init, ...rest }) =>
    createHook.call(v8.promiseHooks, {
      ...rest,
      init: (promise: Promise<unknown> & { runId?: string }, parent) => {
        // Others hook promises as well: it is the SDK that gives them the run they belong to.
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
  const [asked, told] = [new BroadcastChannel(HEAP_ASKED), new BroadcastChannel(HEAP_TOLD)];
  return new Promise((done) => {
    told.addEventListener('message', (message) => {
      asked.close();
      told.close();
      done((message as Event & { readonly data: number }).data);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    asked.postMessage(null);
  });
}
