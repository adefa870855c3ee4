/** How the CLI and the console describe a bulk operation. Browsers load this module too, so it imports only what they load. */

import type { OperationState } from '../../workflows/bulk-operation/contract.ts';
import { operationTarget } from '../../workflows/journey/commands.ts';
import type { OperationCommand } from '../../workflows/journey/commands.ts';

interface OperationResults {
  readonly state: OperationState;
  readonly dryRun: boolean;
  readonly results: { readonly applied: number; readonly refused: number; readonly unanswered: number };
}

const stateLabels: { readonly [S in OperationResults['state']]: string } = {
  awaitingApproval: 'Awaits approval',
  running: 'Running',
  stopping: 'Stopping',
  stopped: 'Stopped',
  rejected: 'Rejected',
  expired: 'Not approved in time',
  done: 'Done',
};

/** Describes the state and the results. An operation that was not applied to every user is never described as just `Done`. */
export function operationHeadline({ state, dryRun, results }: OperationResults): string {
  const { applied, refused, unanswered } = results;
  const others = [
    ...(refused > 0 ? [`${refused} ${dryRun ? 'would be refused' : 'refused'}`] : []),
    ...(unanswered > 0 ? [`${unanswered} unanswered`] : []),
  ];
  if (others.length === 0) return stateLabels[state];
  if (applied > 0) {
    const appliedText = `${applied} ${dryRun ? 'would be applied' : 'applied'}`;
    return [state === 'done' ? appliedText : `${stateLabels[state]}: ${appliedText}`, ...others].join(', ');
  }
  const nothing = dryRun ? 'Nothing would be applied' : 'Nothing applied';
  return [state === 'done' ? nothing : `${stateLabels[state]}: ${nothing.toLowerCase()}`, ...others].join(', ');
}

interface Asked {
  readonly command: OperationCommand;
  readonly state: OperationState;
  readonly expected: number;
  readonly by: { readonly name: string };
  readonly approval: {
    readonly above: number;
    readonly until: string;
    readonly decision: { readonly decision: 'approved' | 'rejected' } | null;
  } | null;
}

/** Says what an operation waits for, without the time; `null` if it does not wait for an approval. */
export function awaitsText({ state, command, expected, by, approval }: Asked): string | null {
  if (state !== 'awaitingApproval' || approval === null) return null;
  return `It acts on ${expected} ${operationTarget(command, expected)}. Above ${approval.above}, an operator other than ${by.name} has to approve it first.`;
}
