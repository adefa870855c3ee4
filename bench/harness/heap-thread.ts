import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** Preloaded into every thread of a worker's process: the workflow thread reports the size of its heap after a garbage collection. */

export const HEAP_REQUEST = 'heap request';
export const HEAP_REPLY = 'heap reply';

if (!isMainThread) {
  const [requests, replies] = [new BroadcastChannel(HEAP_REQUEST), new BroadcastChannel(HEAP_REPLY)];
  requests.addEventListener('message', () => {
    globalThis.gc?.();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    replies.postMessage(process.memoryUsage().heapUsed);
  });
  requests.unref();
  replies.unref();
}
