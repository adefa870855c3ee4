import { setHandler, workflowInfo } from '@temporalio/workflow';
import { time } from '../status.ts';
import { holdSignal } from './contract.ts';
import type { RecoveryOrder, RecoveryResult } from './contract.ts';
import { beginning } from './drain.ts';
import type { Drain } from './drain.ts';
import { Run } from './run.ts';

/** Tries stalled journeys again: one canary first, and the others at a pace once the provider has judged that one. */
export async function recovery(order: RecoveryOrder, kept?: Drain): Promise<RecoveryResult> {
  const run = new Run(order, kept ?? begin(order));
  setHandler(holdSignal, () => run.hold());
  const over = kept === undefined ? await run.probe() : undefined;
  return over ?? run.drain();
}

function begin(order: RecoveryOrder): Drain {
  const { lastResult, firstExecutionRunId, startTime } = workflowInfo();
  const last = lastResult as RecoveryResult | undefined;
  return beginning(order, { id: firstExecutionRunId, startedAt: time(startTime.getTime()), last });
}
