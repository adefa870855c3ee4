import { continueAsNew, uuid4, workflowInfo } from '@temporalio/workflow';
import { open, seal } from '../../../workflows/engine/index.ts';

export * from '../../../workflows/index.ts';

/** An older release that continues as new at once, with the snapshot from its start request. */
export async function onboarding(payload: unknown): Promise<never> {
  const { runId } = workflowInfo();
  const stored = open(payload, 'start:onboarding').body;
  const gate = { notBefore: 0, seen: {} };
  const body = { runId, stored, handled: {}, gate, constants: { notifyReceiver: false } };
  return continueAsNew(seal('continue:onboarding', uuid4(), Date.now(), body));
}
