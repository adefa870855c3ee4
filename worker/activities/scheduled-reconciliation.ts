import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { digest } from '../../client/journeys/idempotent-update.ts';
import { defaultSizes, startReconciliation } from '../../client/reconciliation/create.ts';
import { isReconciling } from '../../client/reconciliation/read.ts';
import { hasStartedRun } from '../../client/reconciliation/schedule.ts';
import { reconciliationActor } from '../../workflows/reconciliation/contract.ts';
import type { ReconciliationActivities, ReconciliationSettings } from '../../workflows/reconciliation/contract.ts';

/** The Schedule lists a run some milliseconds after it has started it. */
const LISTED_WITHIN_MS = 5_000;
const LISTED_POLL_MS = 100;

/** See `ReconciliationActivities`. The id of the run becomes that of the reconciliation, so a repeated call starts no second one. */
export async function startScheduledReconciliation(
  client: Client,
  settings: ReconciliationSettings,
): ReturnType<ReconciliationActivities['startScheduled']> {
  const { workflowExecution: run, taskQueue } = Context.current().info;
  const id = run?.runId ?? '';
  if (!(await isScheduledRun(client, id, settings))) return 'refused';
  if (await isReconciling(client)) return 'running';
  const request = { ...settings, dryRun: false, by: reconciliationActor, reason: 'on schedule' };
  const at = new Date().toISOString();
  await startReconciliation(client, taskQueue, { ...request, id, at, fingerprint: digest([id]), sizes: defaultSizes });
  return 'started';
}

async function isScheduledRun(client: Client, runId: string, settings: ReconciliationSettings): Promise<boolean> {
  for (const deadline = Date.now() + LISTED_WITHIN_MS; Date.now() < deadline; await sleep(LISTED_POLL_MS)) {
    const found = await hasStartedRun(client, runId, settings);
    if (found !== 'unlisted') return found === 'started';
  }
  return false;
}
