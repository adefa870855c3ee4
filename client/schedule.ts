import { isDeepStrictEqual } from 'node:util';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type {
  Client,
  ScheduleDescription,
  ScheduleOptions as TemporalSchedule,
  ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { TASK_QUEUE } from '../workflows/contract.ts';
import type { Act } from '../workflows/events.ts';
import { defaultPolicy, SECOND } from '../workflows/policy.ts';
import { RECOVERY_SCHEDULE, RECOVERY_TYPE } from '../workflows/recovery/contract.ts';
import type { RecoveryOrder } from '../workflows/recovery/contract.ts';
import type { recovery } from '../workflows/recovery/recovery.ts';
import { defaultRecovery } from './settings.ts';
import type { RecoverySettings } from './settings.ts';

export interface ScheduleOptions {
  readonly recovery?: RecoverySettings;
  /** How long a pace is kept before it doubles, in milliseconds. */
  readonly doubleEvery?: number;
  /** How long the provider may take over one request, in milliseconds. */
  readonly callTimeout?: number;
  /** After how many times two seconds a run continues as new. */
  readonly slices?: number;
  /** The journeys' own. */
  readonly taskQueue?: string;
}

/** Whether the Schedule was made, was brought to other settings, or was as wanted. */
export type Scheduled = 'made' | 'changed' | 'kept';

type Acts = RecoveryOrder['acts'];

/** What the Schedule does: how often it starts a run, where, and what it hands to it. */
export interface Plan {
  readonly every: number;
  readonly taskQueue: string;
  readonly order: RecoveryOrder;
}

const DOUBLE_EVERY = 10 * SECOND;
const SLICES = 150;
const noActs: Acts = { paused: null, resumed: null, triggered: null };

/**
 * Makes the Schedule of recovery, or brings it to these settings, written with the newest key. Whether it is paused stays, and
 * by whom and why, unless the key that would tell is gone.
 */
export async function scheduleRecovery(client: Client, options: ScheduleOptions): Promise<Scheduled> {
  const before = await describeSchedule(client).catch((error: unknown) => {
    if (error instanceof ValueError) return 'unreadable' as const;
    throw error;
  });
  if (before === undefined) return make(client, planOf(options, noActs));
  if (before === 'unreadable') return makeAnew(client, planOf(options, noActs));
  const is = planIn(before);
  await update(client, ({ order }) => planOf(options, order.acts));
  return isDeepStrictEqual(is, planOf(options, is.order.acts)) ? 'kept' : 'changed';
}

/** Notes what an operator did: who, when, why. The note that everybody may read, since it is not encrypted, lacks the why. */
export async function noteAct(client: Client, kind: keyof Acts, act: Act, paused?: boolean): Promise<void> {
  const toPlan = ({ order, ...rest }: Plan) => ({ ...rest, order: { ...order, acts: { ...order.acts, [kind]: act } } });
  await update(
    client,
    toPlan,
    paused === undefined ? {} : { paused, note: `${kind} by ${act.by.role} ${act.by.name}` },
  );
}

/** The Schedule as it is; `undefined` where none was made. */
export async function describeSchedule(client: Client): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(RECOVERY_SCHEDULE).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** What the Schedule does. */
export function planIn({ spec, action }: ScheduleDescription): Plan {
  const [order] = action.args as [RecoveryOrder];
  return { every: spec.intervals?.[0]?.every ?? 0, taskQueue: action.taskQueue, order };
}

function planOf(options: ScheduleOptions, acts: Acts): Plan {
  const { taskQueue = TASK_QUEUE, recovery: settings = defaultRecovery } = options;
  const { doubleEvery = DOUBLE_EVERY, callTimeout = defaultPolicy.callTimeout, slices = SLICES } = options;
  const { every, perSecond, upToPerSecond } = settings;
  return { every, taskQueue, order: { perSecond, upToPerSecond, doubleEvery, callTimeout, slices, acts } };
}

async function make(client: Client, plan: Plan, state: ScheduleState = {}): Promise<Scheduled> {
  try {
    await client.schedule.create<typeof recovery>({ scheduleId: RECOVERY_SCHEDULE, ...optionsOf(plan), state });
    return 'made';
  } catch (error) {
    // Somebody else has just made it.
    if (error instanceof ScheduleAlreadyRunning) return 'kept';
    throw error;
  }
}

/** What no key opens any more is of no use to a run either. */
async function makeAnew(client: Client, plan: Plan): Promise<Scheduled> {
  const { namespace } = client.options;
  const { schedule } = await client.workflowService.describeSchedule({ namespace, scheduleId: RECOVERY_SCHEDULE });
  const { paused, notes } = schedule?.state ?? {};
  await client.schedule.getHandle(RECOVERY_SCHEDULE).delete();
  await make(client, plan, { paused: paused ?? false, ...(notes != null && notes !== '' && { note: notes }) });
  return 'changed';
}

interface ScheduleState {
  readonly paused?: boolean;
  readonly note?: string;
}

async function update(client: Client, toPlan: (plan: Plan) => Plan, state: ScheduleState = {}): Promise<void> {
  await client.schedule
    .getHandle(RECOVERY_SCHEDULE)
    .update<typeof recovery>((is) => ({ ...optionsOf(toPlan(planIn(is))), state: { ...is.state, ...state } }));
}

type Made = TemporalSchedule<ScheduleOptionsStartWorkflowAction<typeof recovery>>;

function optionsOf({ every, taskQueue, order }: Plan): Omit<Made, 'scheduleId' | 'state' | 'memo'> {
  return {
    spec: { intervals: [{ every }] },
    // Two runs would try the same journeys: one that is due while another is on is left out.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: RECOVERY_TYPE,
      workflowId: RECOVERY_SCHEDULE,
      taskQueue,
      args: [order],
      staticSummary: 'tries stalled journeys again',
    },
  };
}
