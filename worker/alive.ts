import { Context } from '@temporalio/activity';

const OFTEN = 2_000;

/** Says now and then that work goes on, so that a worker's death is noticed in seconds. */
export async function alive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat();
  const beat = setInterval(() => context.heartbeat(), OFTEN);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
