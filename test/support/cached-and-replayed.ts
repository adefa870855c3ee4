import { afterAll, beforeAll, describe } from '@jest/globals';
import { startStack } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

/** Runs the same tests twice: with cached workflows, and with a replay of the history at every workflow task. */
export function describeCachedAndReplayed(
  name: string,
  options: StackOptions,
  stories: (stack: () => Stack) => void,
): void {
  const ways = [
    ['cached', {}],
    ['replayed each time', { maxCachedWorkflows: 0 }],
  ] as const;
  describe.each(ways)(`${name}, %s`, (_, worker) => {
    let stack: Stack | undefined;
    beforeAll(async () => {
      stack = await startStack({ ...options, worker: { ...options.worker, ...worker } });
    });
    afterAll(() => stack?.close());
    stories(() => {
      if (stack === undefined) throw new Error('the stack did not start');
      return stack;
    });
  });
}
