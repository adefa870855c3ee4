import { setup } from '../../client/setup.ts';
import type { ScheduleOptions } from '../../client/schedule.ts';
import { Recovery } from '../../client/recovery.ts';
import type { RecoveryStatus } from '../../client/recovery.ts';
import { DAY, SECOND } from '../../workflows/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { eventually, operator, patientPolicy, startStack, user } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

/** So seldom that no run begins by itself while a test runs: a Schedule counts its intervals from 1970. */
export const SELDOM = 365 * DAY;

export interface Outage {
  readonly stack: Stack;
  readonly recovery: Recovery;
  /** Starts journeys while the provider is away, and waits until all of them are listed as stalled: the oldest stall first. */
  readonly strand: (count: number, labels?: string) => Promise<string[]>;
  /** Has a run begin, and gives what stood before: what `untilOver` is to wait beyond. */
  readonly trigger: () => Promise<RecoveryStatus>;
  /** Waits until a run is over that is another than the one that stood. */
  readonly untilOver: (before: RecoveryStatus) => Promise<RecoveryStatus>;
}

/** Recovery on a stack whose provider is away, with a Schedule that leaves the runs to the test unless told. */
export async function inAnOutage(
  address: string,
  { recovery, ...schedule }: ScheduleOptions,
  tell: (outage: Outage) => Promise<void>,
  options: StackOptions = {},
): Promise<void> {
  const stack = await startStack({ policy: patientPolicy, ...options, address });
  const settings = { every: SELDOM, perSecond: 5, upToPerSecond: 20, ...recovery };
  await setup(stack.client, { callTimeout: 1_500, ...schedule, taskQueue: stack.taskQueue, recovery: settings });
  stack.sfox.outage(true);
  const recoveryOf = new Recovery(stack);
  const trigger = async () => {
    const before = await recoveryOf.status();
    await inAnotherSecond();
    await recoveryOf.trigger({ reason: 'three in the morning' }, operator);
    return before;
  };
  try {
    await tell({
      stack,
      recovery: recoveryOf,
      strand: (count, labels) => strand(stack, count, labels),
      trigger,
      untilOver: (before) => untilOver(recoveryOf, before),
    });
  } finally {
    await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).delete();
    await stack.close();
  }
}

let lastSecond = 0;
/** Temporal names the runs of a Schedule by the second, and starts none whose name has been taken. */
async function inAnotherSecond(): Promise<void> {
  const second = () => Math.floor(Date.now() / SECOND);
  await eventually(() => second() !== lastSecond, 'another second has begun');
  lastSecond = second();
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

function untilOver(recovery: Recovery, before: RecoveryStatus): Promise<RecoveryStatus> {
  return eventually(async () => {
    const status = await recovery.status();
    const begun = status.run !== null && status.run.startedAt !== before.run?.startedAt;
    return begun && status.run?.outcome !== null && status;
  }, 'the run is over');
}
