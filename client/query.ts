import { accountTypes, stallReasons } from '../workflows/context.ts';
import { attributes, journeyId, WORKFLOW_TYPE } from '../workflows/contract.ts';
import { listedSteps } from '../workflows/listing.ts';
import type { Filter } from '../workflows/listing.ts';
import { states } from '../workflows/status.ts';
import type { State } from '../workflows/status.ts';
import { endNames } from './endings.ts';
import { BadRequest } from './errors.ts';
import { checkUserId } from './user-id.ts';

/**
 * Open ones, where few are meant: SQLite then finds them by what else is asked, in a millisecond. With `ExecutionStatus = 'Running'`
 * it goes through all that run.
 */
export const FEW_OPEN = 'CloseTime IS NULL';

/** The filter in visibility's own language. Every value is one of a list, or a checked user id: nothing needs quoting. */
export function queryOf({ state, step, reason, accountType, userId, sinceBefore }: Filter): string {
  const terms = [`WorkflowType = '${WORKFLOW_TYPE}'`];
  const few = step !== undefined || reason !== undefined;
  if (state === undefined) terms.push(few ? FEW_OPEN : `ExecutionStatus != 'ContinuedAsNew'`);
  else terms.push(...stateTerms(oneOf('state', state, states), few));
  if (step !== undefined) terms.push(`${attributes.step.name} = '${oneOf('step', step, listedSteps)}'`);
  if (reason !== undefined) terms.push(`${attributes.reason.name} = '${oneOf('reason', reason, stallReasons)}'`);
  if (accountType !== undefined) {
    terms.push(`${attributes.account.name} = '${oneOf('accountType', accountType, accountTypes)}'`);
  }
  if (userId !== undefined) {
    checkUserId(userId);
    terms.push(`WorkflowId = '${journeyId(userId)}'`);
  }
  if (sinceBefore !== undefined) {
    const at = Date.parse(sinceBefore);
    if (Number.isNaN(at)) throw new BadRequest('sinceBefore', 'sinceBefore is a time of RFC 3339');
    terms.push(`${attributes.since.name} < '${new Date(at).toISOString()}'`);
  }
  return terms.join(' AND ');
}

function stateTerms(state: State, few: boolean): string[] {
  const names = endNames(state).map((name) => `'${name}'`);
  const open = few ? FEW_OPEN : `ExecutionStatus = 'Running'`;
  if (names.length === 0) return [`${attributes.state.name} = '${state}'`, open];
  // Nobody who has come to an end is stalled.
  return [`ExecutionStatus IN (${names.join(', ')})`, ...(few ? [open] : [])];
}

function oneOf<T extends string>(field: string, value: T, known: readonly T[]): T {
  if (!known.includes(value)) throw new BadRequest(field, `${field} is one of ${known.join(', ')}`);
  return value;
}
