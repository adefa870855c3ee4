/** The entry point of the workflow bundle. */
export { workerProbe } from './worker-probe.ts';
export { bulkOperation } from './bulk-operation/workflow.ts';
export { onboarding } from './onboarding.ts';
export { providerHealth } from './provider-health/workflow.ts';
export { webhookDelivery } from './webhook-delivery/workflow.ts';
export { recovery } from './recovery/workflow.ts';
export { reconciliation } from './reconciliation/workflow.ts';
export { whatIf } from './what-if/workflow.ts';
export { scheduledReconciliation } from './reconciliation/scheduled.ts';
