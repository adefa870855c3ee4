import { setup } from '../../client/temporal/setup.ts';
import type { ScheduleOptions } from '../../client/recovery/schedule.ts';
import { Recovery } from '../../client/recovery/recovery.ts';
import type { RecoveryStatus } from '../../client/recovery/recovery.ts';
import { DAY, SECOND } from '../../workflows/journey/policy/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { callsOf, waitUntil, operator, quickPolicy, startStack, uniqueUserId } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

/** So seldom that no run begins by itself while a test runs: a Schedule counts its intervals from 1970. */
export const NEVER_BY_ITSELF = 365 * DAY;

export interface Outage {
  readonly stack: Stack;
  readonly recovery: Recovery;
  /** Starts journeys while the provider is away, and waits until all of them are listed as stalled: the oldest stall first. */
  readonly strand: (count: number, labels?: string) => Promise<string[]>;
  /** Starts a run, and returns the last run before it, which \`untilOver\` waits beyond. */
  readonly trigger: () => Promise<RecoveryStatus>;
  /** Waits until a run is over that is not the given one. */
  readonly untilOver: (before: RecoveryStatus) => Promise<RecoveryStatus>;
}

/** Recovery on a stack whose provider is away, with a Schedule that leaves the runs to the test by default. */
export async function startOutage(
  address: string,
  { recovery, ...schedule }: ScheduleOptions,
  run: (outage: Outage) => Promise<void>,
  options: StackOptions = {},
): Promise<void> {
  const stack = await startStack({ policy: quickPolicy, ...options, address });
  const settings = { every: NEVER_BY_ITSELF, perSecond: 5, upToPerSecond: 20, ...recovery };
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
    await run({
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
  await waitUntil(() => second() !== lastSecond, 'another second has begun');
  lastSecond = second();
}

async function strand(stack: Stack, count: number, labels = ''): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`stranded${nth}`, labels));
  // A few at a time: on a busy machine the first tasks of many would wait for each other beyond the ten seconds of a task.
  for (let first = 0; first < count; first += 8) {
    const some = users.slice(first, first + 8);
    await Promise.all(some.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
    await waitUntil(() => some.every((userId) => callsOf(stack, userId).length > 0), 'their sends were tried');
  }
  const since = await waitUntil(async () => {
    const { items } = await stack.onward.list({ step: 'stalled' }, 200);
    const found = new Map(items.map((item) => [item.userId, item.since]));
    return users.every((userId) => found.has(userId)) && found;
  }, 'all of them are stalled');
  return users.toSorted((a, b) => (`${since.get(a)}${a}` < `${since.get(b)}${b}` ? -1 : 1));
}

function untilOver(recovery: Recovery, before: RecoveryStatus): Promise<RecoveryStatus> {
  return waitUntil(async () => {
    const status = await recovery.status();
    const hasStarted = status.run !== null && status.run.startedAt !== before.run?.startedAt;
    return hasStarted && status.run?.outcome !== null && status;
  }, 'the run is over');
}
