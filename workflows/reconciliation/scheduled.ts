import { activityCaller, PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import { MINUTE, SECOND } from '../journey/policy/policy.ts';
import type { ReconciliationActivities } from './contract.ts';
import { parseSettings, reconciliationResults } from './parse.ts';

/**
 * Starts a reconciliation. The Schedule starts every run of this workflow with the same payload, so a run checks whether it is the
 * Schedule's, and a reconciliation itself accepts only a start that was made for it.
 */
export const scheduledReconciliation: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart: parseSettings, isScheduled: true });
  const call = activityCaller<ReconciliationActivities>(reconciliationResults, {
    startToCloseTimeout: MINUTE,
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
  });
  return workflow.end(await call('startScheduled', workflow.start));
};
