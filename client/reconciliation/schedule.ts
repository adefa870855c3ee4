import { isDeepStrictEqual } from 'node:util';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { EnvelopeError, open } from '../../workflows/engine/core/envelope.ts';
import { RECONCILIATION_SCHEDULE, SCHEDULED_RECONCILIATION_TYPE } from '../../workflows/reconciliation/contract.ts';
import type { ReconciliationSettings } from '../../workflows/reconciliation/contract.ts';
import type { ReconcileSettings } from '../config/policy-file.ts';
import { parseSettings } from '../../workflows/reconciliation/parse.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';

/** Whether the Schedule was created, updated, left unchanged or deleted, or is `off`. */
export type ScheduledReconciliations = 'created' | 'updated' | 'unchanged' | 'deleted' | 'off';

interface Plan {
  readonly every: number;
  readonly taskQueue: string;
  readonly settings: ReconciliationSettings;
}

/** Creates, updates or deletes the Schedule of reconciliations, as the policy has it. It is off without `every`. */
export async function scheduleReconciliations(
  client: Client,
  { reconcile, taskQueue = TASK_QUEUE }: { readonly reconcile: ReconcileSettings; readonly taskQueue?: string },
): Promise<ScheduledReconciliations> {
  const { every, graceFor, perSecond } = reconcile;
  const before = await describeOrDelete(client);
  const handle = client.schedule.getHandle(RECONCILIATION_SCHEDULE);
  if (every === null) {
    if (before === undefined) return 'off';
    await handle.delete();
    return 'deleted';
  }
  const plan: Plan = { every, taskQueue, settings: { graceFor, perSecond } };
  if (before === undefined) {
    try {
      await client.schedule.create({ scheduleId: RECONCILIATION_SCHEDULE, ...optionsOf(plan) });
      return 'created';
    } catch (error) {
      // Another process has just created it.
      if (error instanceof ScheduleAlreadyRunning) return 'unchanged';
      throw error;
    }
  }
  // Encrypted again with the newest key.
  await handle.update((is) => ({ ...optionsOf(plan), state: is.state }));
  return isDeepStrictEqual(planOf(before), plan) ? 'unchanged' : 'updated';
}

/** How the Schedule compares with the policy. Throws `ValueError` if the key of its input is missing. */
export async function compareSchedule(
  client: Client,
  { reconcile, taskQueue }: { readonly reconcile: ReconcileSettings; readonly taskQueue: string },
): Promise<'off' | 'equal' | 'missing' | 'unwanted' | 'different' | 'paused'> {
  const { every, graceFor, perSecond } = reconcile;
  const described = await describeSchedule(client);
  if (described === undefined) return every === null ? 'off' : 'missing';
  if (every === null) return 'unwanted';
  const plan: Plan = { every, taskQueue, settings: { graceFor, perSecond } };
  if (!isDeepStrictEqual(planOf(described), plan)) return 'different';
  return described.state.paused ? 'paused' : 'equal';
}

/** Describes the Schedule; `undefined` if it does not exist. */
async function describeSchedule(client: Client): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(RECONCILIATION_SCHEDULE).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** Describes the Schedule, and deletes it if the key of its input is missing: no run could read it either. */
async function describeOrDelete(client: Client): Promise<ScheduleDescription | undefined> {
  try {
    return await describeSchedule(client);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    await client.schedule.getHandle(RECONCILIATION_SCHEDULE).delete();
    return undefined;
  }
}

/** Whether the Schedule has these settings, and has started this run of `scheduledReconciliation`. */
export async function hasStartedRun(client: Client, runId: string, settings: ReconciliationSettings) {
  const described = await describeSchedule(client);
  if (described === undefined || !isDeepStrictEqual(planOf(described)?.settings, settings)) return 'other';
  const started = described.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId);
  return started.includes(runId) ? 'started' : 'unlisted';
}

/** The plan of a Schedule; `undefined` if its input is not authentic, or cannot be read. */
function planOf({ spec, action }: ScheduleDescription): Plan | undefined {
  try {
    const { body } = open(action.args?.[0], `start:${SCHEDULED_RECONCILIATION_TYPE}`);
    const settings = parseSettings(body, 'start');
    return { every: spec.intervals?.[0]?.every ?? 0, taskQueue: action.taskQueue, settings };
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof UnreadableValue) return undefined;
    throw error;
  }
}

function optionsOf({ every, taskQueue, settings }: Plan) {
  return {
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' as const },
    action: {
      type: 'startWorkflow' as const,
      workflowType: SCHEDULED_RECONCILIATION_TYPE,
      workflowId: RECONCILIATION_SCHEDULE,
      taskQueue,
      args: [createRequest('start', SCHEDULED_RECONCILIATION_TYPE, settings)],
      staticSummary: "compares the provider's users with the journeys",
    },
  };
}
