import { setup } from '../../client/setup.ts';
import type { ScheduleOptions } from '../../client/schedule.ts';
import { Recovery } from '../../client/recovery.ts';
import type { RecoveryStatus } from '../../client/recovery.ts';
import { HOUR } from '../../workflows/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { eventually, startStack, user } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

export interface Outage {
  readonly stack: Stack;
  readonly recovery: Recovery;
  /** Starts journeys while the provider is away, and waits until all of them are listed as stalled: the oldest stall first. */
  readonly strand: (count: number, labels?: string) => Promise<string[]>;
  /** Waits until the newest run is over, and began after this one was asked for. */
  readonly untilOver: (since: RecoveryStatus) => Promise<RecoveryStatus>;
}

/** Recovery on a stack whose provider is away, with a Schedule that leaves the runs to the test unless told. */
export async function inAnOutage(
  address: string,
  { recovery, ...schedule }: ScheduleOptions,
  tell: (outage: Outage) => Promise<void>,
  options: StackOptions = {},
): Promise<void> {
  const stack = await startStack({ ...options, address });
  const settings = { every: HOUR, perSecond: 5, upToPerSecond: 20, ...recovery };
  await setup(stack.client, { callTimeout: 1_500, ...schedule, taskQueue: stack.taskQueue, recovery: settings });
  stack.sfox.outage(true);
  try {
    await tell({
      stack,
      recovery: new Recovery(stack),
      strand: (count, labels) => strand(stack, count, labels),
      untilOver: (since) => untilOver(new Recovery(stack), since),
    });
  } finally {
    await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).delete();
    await stack.close();
  }
}

async function strand(stack: Stack, count: number, labels = ''): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => user(`stranded${nth}`, labels));
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  const since = await eventually(async () => {
    const { items } = await stack.onward.list({ step: 'stalled' }, 200);
    const found = new Map(items.map((item) => [item.userId, item.since]));
    return users.every((userId) => found.has(userId)) && found;
  }, 'all of them are stalled');
  return users.toSorted((a, b) => (`${since.get(a)}${a}` < `${since.get(b)}${b}` ? -1 : 1));
}

function untilOver(recovery: Recovery, since: RecoveryStatus): Promise<RecoveryStatus> {
  return eventually(
    async () => {
      const status = await recovery.status();
      const begun = status.run !== null && status.run.startedAt !== since.run?.startedAt;
      return begun && status.run?.outcome !== null && status;
    },
    'the run is over',
    60_000,
  );
}
