import { condition, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import { HOUR } from '../journey/policy/policy.ts';
import { ATTEMPTS_SIGNAL, PROVIDER_HEALTH_QUERY, PROVIDER_HISTORY_QUERY } from './contract.ts';
import type { StoredHealth } from './contract.ts';
import { recordAttempts, emptyHealth } from './counters.ts';
import { HOURS_KEPT_MS, recordHour } from './hours.ts';
import { parseAttempts, parseStart, parseStoredHealth } from './parse.ts';

/** About two thousand events, which replay quickly. */
const MAX_SIGNALS_PER_RUN = 500;

/**
 * Stores what workers report about the provider and about journeys. A run waits for a report, takes more for an hour, and continues as
 * new. Without a report for as long as hours are stored, nothing is left to store: the workflow ends, and the next report starts it again.
 */
export const providerHealth: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart, parseState: parseStoredHealth });
  let { hours, ...health }: StoredHealth = workflow.previous ?? { ...emptyHealth, hours: [] };
  let count = 0;
  workflow.onSignal(ATTEMPTS_SIGNAL, parseAttempts, (attempts) => {
    health = recordAttempts(health, attempts, Date.now());
    hours = recordHour(hours, attempts, Date.now());
    count += 1;
  });
  workflow.onQuery(PROVIDER_HEALTH_QUERY, () => health);
  workflow.onQuery(PROVIDER_HISTORY_QUERY, () => hours);
  const { maxRunMs = HOUR, maxIdleMs = HOURS_KEPT_MS } = workflow.start;
  if (!(await condition(() => count > 0, maxIdleMs))) return workflow.end(null);
  await condition(() => count >= MAX_SIGNALS_PER_RUN || workflowInfo().continueAsNewSuggested, maxRunMs);
  return workflow.continueAsNew({ ...health, hours });
};

// This workflow outlives every version of a worker. Pinned to its first version, it would stop with that version. Workers without
// versioning, whose deployment name is empty, must not set a behavior.
setWorkflowOptions(
  () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {}),
  providerHealth,
);
