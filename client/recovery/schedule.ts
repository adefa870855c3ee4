import { isDeepStrictEqual } from 'node:util';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type {
  Client,
  ScheduleDescription,
  ScheduleOptions as TemporalSchedule,
  ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import type { Workflow } from '@temporalio/common';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import type { OperatorAction } from '../../workflows/journey/events.ts';
import { defaultPolicy, HOUR, SECOND } from '../../workflows/journey/policy/policy.ts';
import { RECOVERY_SCHEDULE, RECOVERY_TYPE } from '../../workflows/recovery/contract.ts';
import type { RecoveryInput } from '../../workflows/recovery/contract.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { EnvelopeError, open } from '../../workflows/engine/core/envelope.ts';
import { defaultRecovery } from '../config/policy-file.ts';
import type { RecoverySettings } from '../config/policy-file.ts';
import { parseInput } from '../../workflows/recovery/parse.ts';

export interface ScheduleOptions {
  readonly recovery?: RecoverySettings;
  /** Time after which the rate doubles, in milliseconds. */
  readonly doubleEvery?: number;
  /** Timeout of one request to the provider, in milliseconds. */
  readonly callTimeout?: number;
  /** Number of two-second slices after which a run continues as new. */
  readonly slices?: number;
  /** Time after which Temporal ends a run, which continues as new much sooner: a run that hangs must not keep others from starting. */
  readonly runTimeout?: number;
  /** The task queue of the journeys. */
  readonly taskQueue?: string;
}

/** Whether the Schedule was created, updated, or already up to date. */
export type ScheduleChange = 'created' | 'updated' | 'unchanged';

type RecoveryActions = RecoveryInput['acts'];

/** The interval of the Schedule, its task queue, and the input of its runs. */
export interface SchedulePlan {
  readonly every: number;
  readonly runTimeout: number;
  readonly taskQueue: string;
  readonly order: RecoveryInput;
}

const DOUBLING_INTERVAL_MS = 10 * SECOND;
const SLICES = 150;
const RUN_TIMEOUT_MS = HOUR;
const noActs: RecoveryActions = { paused: null, resumed: null, triggered: null };

/**
 * Creates or updates the recovery Schedule, encrypted with the newest key. Whether it is paused is unchanged, and so are the
 * operator and the reason, unless the key that encrypts them is missing.
 */
export async function scheduleRecovery(client: Client, options: ScheduleOptions): Promise<ScheduleChange> {
  const before = await readSchedule(client);
  if (before === undefined) return createSchedule(client, planOf(options, noActs));
  if (before === 'unreadable') return replaceSchedule(client, planOf(options, noActs));
  const is = planFromDescription(before);
  await update(client, ({ order }) => planOf(options, order.acts));
  return isDeepStrictEqual(is, planOf(options, is.order.acts)) ? 'unchanged' : 'updated';
}

/** Describes the Schedule; `undefined` if it does not exist, `unreadable` if its input is not authentic or its key is missing. */
async function readSchedule(client: Client): Promise<ScheduleDescription | 'unreadable' | undefined> {
  try {
    const described = await describeSchedule(client);
    if (described !== undefined) planFromDescription(described);
    return described;
  } catch (error) {
    if (error instanceof ValueError || error instanceof EnvelopeError) return 'unreadable';
    throw error;
  }
}

/** Records an operator action in the Schedule. The Schedule's note is not encrypted, so it omits the reason. */
export async function recordAction(
  client: Client,
  kind: keyof RecoveryActions,
  act: OperatorAction,
  paused?: boolean,
): Promise<void> {
  const toPlan = ({ order, ...rest }: SchedulePlan) => ({
    ...rest,
    order: { ...order, acts: { ...order.acts, [kind]: act } },
  });
  await update(client, toPlan, paused === undefined ? {} : { paused, note: noteFor(kind, act) });
}

/** Returns the Schedule's note for an action. */
export const noteFor = (kind: keyof RecoveryActions, { by }: OperatorAction) => `${kind} by ${by.role} ${by.name}`;

/** Describes the Schedule; `undefined` if it does not exist. */
export async function describeSchedule(client: Client): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(RECOVERY_SCHEDULE).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** Reads the plan from a Schedule description. Throws `EnvelopeError` if its input is not authentic, `UnreadableValue` if it cannot be read. */
export function planFromDescription({ spec, action }: ScheduleDescription): SchedulePlan {
  const order = parseInput(open(action.args?.[0], `start:${RECOVERY_TYPE}`).body, 'start');
  const { taskQueue, workflowRunTimeout } = action;
  return { every: spec.intervals?.[0]?.every ?? 0, runTimeout: Number(workflowRunTimeout ?? 0), taskQueue, order };
}

/**
 * Whether recovery is paused: by its Schedule, or by the newest decision of an operator. Anyone who can write to Temporal can resume the
 * Schedule, and cannot change what operators decided.
 */
export function isPaused({ state }: ScheduleDescription, { acts: { paused, resumed } }: RecoveryInput): boolean {
  return state.paused || (paused !== null && (resumed === null || resumed.at < paused.at));
}

function planOf(options: ScheduleOptions, acts: RecoveryActions): SchedulePlan {
  const { taskQueue = TASK_QUEUE, recovery: settings = defaultRecovery } = options;
  const { doubleEvery = DOUBLING_INTERVAL_MS, callTimeout = defaultPolicy.callTimeout, slices = SLICES } = options;
  const { runTimeout = RUN_TIMEOUT_MS } = options;
  const { every, perSecond, upToPerSecond } = settings;
  return { every, runTimeout, taskQueue, order: { perSecond, upToPerSecond, doubleEvery, callTimeout, slices, acts } };
}

async function createSchedule(client: Client, plan: SchedulePlan, state: ScheduleState = {}): Promise<ScheduleChange> {
  try {
    await client.schedule.create({ scheduleId: RECOVERY_SCHEDULE, ...optionsOf(plan), state });
    return 'created';
  } catch (error) {
    // Another process has just created it.
    if (error instanceof ScheduleAlreadyRunning) return 'unchanged';
    throw error;
  }
}

/** Replaces a Schedule that no available key decrypts, and that no run could read either. */
async function replaceSchedule(client: Client, plan: SchedulePlan): Promise<ScheduleChange> {
  const { namespace } = client.options;
  const { schedule } = await client.workflowService.describeSchedule({ namespace, scheduleId: RECOVERY_SCHEDULE });
  const { paused, notes } = schedule?.state ?? {};
  await client.schedule.getHandle(RECOVERY_SCHEDULE).delete();
  await createSchedule(client, plan, {
    paused: paused ?? false,
    ...(notes != null && notes !== '' && { note: notes }),
  });
  return 'updated';
}

interface ScheduleState {
  readonly paused?: boolean;
  readonly note?: string;
}

async function update(
  client: Client,
  toPlan: (plan: SchedulePlan) => SchedulePlan,
  state: ScheduleState = {},
): Promise<void> {
  await client.schedule.getHandle(RECOVERY_SCHEDULE).update((is) => ({
    ...optionsOf(toPlan(planFromDescription(is))),
    state: { ...is.state, ...state },
  }));
}

type Made = TemporalSchedule<ScheduleOptionsStartWorkflowAction<Workflow>>;

function optionsOf({ every, runTimeout, taskQueue, order }: SchedulePlan): Omit<Made, 'scheduleId' | 'state' | 'memo'> {
  return {
    spec: { intervals: [{ every }] },
    // Concurrent runs would retry the same journeys, so a run that is due during another one is skipped.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: RECOVERY_TYPE,
      workflowId: RECOVERY_SCHEDULE,
      taskQueue,
      workflowRunTimeout: runTimeout,
      // The same envelope for every run: a run confirms by itself that it is the Schedule's (see `confirmRun`).
      args: [createRequest('start', RECOVERY_TYPE, order)],
      staticSummary: 'retries stalled journeys',
    },
  };
}
