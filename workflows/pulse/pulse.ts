import { condition, continueAsNew, setHandler, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { HOUR } from '../policy.ts';
import { pulseQuery, triedSignal } from './contract.ts';
import type { Pulse } from './contract.ts';
import { heard, silent } from './minutes.ts';

/** Some two thousand events, so that a worker that has to replay them does so in no time. */
const MOST_HEARD = 500;

// It outlives every version of a worker: left on the one that it began with, it would fall silent with that. Workers without a
// version, whose name is empty, may not speak of any.
setWorkflowOptions(
  () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {}),
  pulse,
);

/**
 * Keeps what workers tell of the provider. An execution that was told something is followed by another; one that was not is the
 * last, and whoever has something to tell begins anew.
 *
 * @param longest how long one execution lasts, in milliseconds
 */
export async function pulse(kept: Pulse = silent, longest: number = HOUR): Promise<void> {
  let known = kept;
  let count = 0;
  setHandler(triedSignal, (tries) => {
    known = heard(known, tries, Date.now());
    count += 1;
  });
  setHandler(pulseQuery, () => known);
  await condition(() => count >= MOST_HEARD || workflowInfo().continueAsNewSuggested, longest);
  if (count > 0) return continueAsNew<typeof pulse>(known, longest);
}
