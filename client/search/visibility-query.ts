import { accountTypes } from '../../workflows/journey/account-types.ts';
import { stallReasons } from '../../workflows/journey/stall-reasons.ts';
import { attributeKeys, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { MAX_SELECTED_USERS, searchableSteps } from '../../workflows/search-attributes.ts';
import type { JourneyFilter } from '../../workflows/search-attributes.ts';
import { states } from '../../workflows/journey/status/status.ts';
import type { State } from '../../workflows/journey/status/status.ts';
import { executionStatusesOf } from '../journeys/closed-journey.ts';
import { BadRequest } from '../errors.ts';
import { checkUserId, checkUserIdPrefix } from '../validation.ts';

/**
 * Selects open journeys in queries that match few. SQLite then uses the index of the other conditions and takes a
 * millisecond; with `ExecutionStatus = 'Running'` it scans all running executions.
 */
export const FEW_OPEN = 'CloseTime IS NULL';

/** Selects journeys for people to look at. A prefix may ignore case where Temporal's database does, so no bulk operation takes it. */
export interface JourneyQuery extends JourneyFilter {
  /** Only users whose id starts with this. */
  readonly userIdPrefix?: string;
}

/** Converts a filter to a visibility query. Every value is an enum member or a checked user id, so nothing needs quoting. */
export function queryOf(filter: JourneyQuery): string {
  const { state, step, reason, accountType, userId, userIds, userIdPrefix, sinceBefore } = filter;
  const terms = [`WorkflowType = '${WORKFLOW_TYPE}'`];
  const matchesFew = step !== undefined || reason !== undefined;
  if (state === undefined) terms.push(matchesFew ? FEW_OPEN : `ExecutionStatus != 'ContinuedAsNew'`);
  else terms.push(...stateTerms(oneOf('state', state, states), matchesFew));
  if (step !== undefined) terms.push(`${attributeKeys.step.name} = '${oneOf('step', step, searchableSteps)}'`);
  if (reason !== undefined) terms.push(`${attributeKeys.reason.name} = '${oneOf('reason', reason, stallReasons)}'`);
  if (accountType !== undefined) {
    terms.push(`${attributeKeys.account.name} = '${oneOf('accountType', accountType, accountTypes)}'`);
  }
  if (userId !== undefined) {
    checkUserId(userId);
    terms.push(`WorkflowId = '${journeyId(userId)}'`);
  }
  if (userIds !== undefined) terms.push(selectionTerm(userIds));
  if (userIdPrefix !== undefined) {
    checkUserIdPrefix(userIdPrefix);
    terms.push(`WorkflowId STARTS_WITH '${journeyId(userIdPrefix)}'`);
  }
  if (sinceBefore !== undefined) {
    const at = Date.parse(sinceBefore);
    if (Number.isNaN(at)) throw new BadRequest('sinceBefore', 'sinceBefore must be an RFC 3339 time');
    terms.push(`${attributeKeys.since.name} < '${new Date(at).toISOString()}'`);
  }
  return terms.join(' AND ');
}

function selectionTerm(userIds: readonly string[]): string {
  if (userIds.length < 1 || userIds.length > MAX_SELECTED_USERS) {
    throw new BadRequest('userIds', `userIds must name 1 to ${MAX_SELECTED_USERS} users; got ${userIds.length}`);
  }
  for (const userId of userIds) checkUserId(userId);
  return `WorkflowId IN (${userIds.map((userId) => `'${journeyId(userId)}'`).join(', ')})`;
}

function stateTerms(state: State, matchesFew: boolean): string[] {
  const names = executionStatusesOf(state).map((name) => `'${name}'`);
  const open = matchesFew ? FEW_OPEN : `ExecutionStatus = 'Running'`;
  if (names.length === 0) return [`${attributeKeys.state.name} = '${state}'`, open];
  // A closed journey is never stalled, so step and reason match nothing.
  return [`ExecutionStatus IN (${names.join(', ')})`, ...(matchesFew ? [open] : [])];
}

function oneOf<T extends string>(field: string, value: T, known: readonly T[]): T {
  if (!known.includes(value)) throw new BadRequest(field, `${field} must be one of ${known.join(', ')}`);
  return value;
}
