import { afterAll, beforeAll, describe } from '@jest/globals';
import { startStack } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

/** Tells the same stories twice: with journeys cached, and with each replayed from its history every time. */
export function tell(name: string, options: StackOptions, stories: (stack: () => Stack) => void): void {
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
