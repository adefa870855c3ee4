import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** Preloaded into every thread of a worker's process: the one that runs the workflows tells what its heap holds after a collection. */

export const HEAP_ASKED = 'heap asked';
export const HEAP_TOLD = 'heap told';

if (!isMainThread) {
  const [asked, told] = [new BroadcastChannel(HEAP_ASKED), new BroadcastChannel(HEAP_TOLD)];
  asked.addEventListener('message', () => {
    globalThis.gc?.();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    told.postMessage(process.memoryUsage().heapUsed);
  });
  asked.unref();
  told.unref();
}
