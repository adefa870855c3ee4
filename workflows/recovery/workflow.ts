import { workflowInfo } from '@temporalio/workflow';
import { open, objectOf, parseUnknown, PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import { formatTime } from '../journey/status/status.ts';
import { RECOVERY_TYPE, STOP_SIGNAL } from './contract.ts';
import type { RecoveryInput, RecoveryResult } from './contract.ts';
import { parseInput, parseResult, parseState } from './parse.ts';
import { initialState } from './state.ts';
import type { RecoveryState } from './state.ts';
import { RecoveryRunner } from './run.ts';

/** Retries stalled journeys: one canary first, then the others at a limited rate once the provider has answered it. */
export const recovery: PlainWorkflowFunction = async (payload) => {
  const options = { parseStart: parseInput, parseState, isScheduled: true, signalLifetime: Infinity };
  const workflow = new PlainWorkflow(payload, options);
  const run = new RecoveryRunner(workflow, workflow.previous ?? begin(workflow.start));
  workflow.onSignal(STOP_SIGNAL, parseUnknown, () => run.stop());
  const result = workflow.previous === undefined ? ((await run.refuse()) ?? (await run.tryCanaries())) : undefined;
  return workflow.end(result ?? (await run.drain()));
};

function begin(input: RecoveryInput): RecoveryState {
  const { firstExecutionRunId, startTime } = workflowInfo();
  return initialState(input, {
    id: firstExecutionRunId,
    startedAt: formatTime(startTime.getTime()),
    last: readLastResult(),
  });
}

const parseLastEnd = objectOf({ result: parseResult });

/** The result of the previous run; `undefined` if there is none, or none that this code can trust and read. */
function readLastResult(): RecoveryResult | undefined {
  try {
    const { body } = open(workflowInfo().lastResult, `end:${RECOVERY_TYPE}`);
    return parseLastEnd(body, 'lastResult').result;
  } catch {
    return undefined;
  }
}
