import { CommandError } from '../engine/index.ts';
import type { Actor } from '../journey/actor.ts';
import type { OperatorAction } from '../journey/events.ts';
import { findTextProblem } from '../journey/status/text.ts';

/** The approval of a bulk operation by a second operator. */

/** An operation for more users than `above` waits until another operator approves it. */
export interface ApprovalRequirement {
  readonly above: number;
  /** RFC 3339. Without a decision until then, it expires. */
  readonly until: string;
  /** The person who requests it, if they have logged in by OpenID Connect. */
  readonly personId?: string;
}

/** The update that approves or rejects an operation. */
export const DECIDE_UPDATE = 'decide';

/** What a second operator decides. */
export interface DecisionRequest {
  readonly decision: 'approved' | 'rejected';
  /** The fingerprint of the order that the operator has seen. */
  readonly digest: string;
  readonly by: Actor;
  readonly personId?: string;
  readonly reason: string;
}

export interface Decision extends OperatorAction {
  readonly decision: DecisionRequest['decision'];
}

/**
 * The types of the failures of the update.
 *
 * - `NotAwaiting`: the operation needs no approval, or has been decided, stopped or has expired
 * - `SamePerson`: the operator has requested it
 * - `OtherOrder`: the digest is that of another order
 * - `BadRequest`
 */
export type DecisionFailureType = 'NotAwaiting' | 'SamePerson' | 'OtherOrder' | 'BadRequest';

interface Asked {
  readonly by: Actor;
  readonly approval?: ApprovalRequirement;
  readonly fingerprint: string;
}

/** @throws CommandError of a `DecisionFailureType` */
export function checkDecision(request: DecisionRequest, order: Asked, state: string): DecisionRequest {
  const { by, reason } = request;
  if (by.role !== 'operator' || findTextProblem(reason) !== undefined) {
    throw refusal('BadRequest', 'an operator approves or rejects an operation, with a reason');
  }
  if (order.approval === undefined || state !== 'awaitingApproval') {
    throw refusal('NotAwaiting', `the operation does not wait for an approval: it is ${state}`);
  }
  if (request.digest !== order.fingerprint) {
    throw refusal('OtherOrder', 'digest must be that of the operation; read the operation again');
  }
  if (isSamePerson(request, { by: order.by, personId: order.approval.personId })) {
    throw refusal(
      'SamePerson',
      'you asked for this operation, so another operator must decide; stop it to withdraw it',
    );
  }
  return request;
}

interface Identity {
  readonly by: Actor;
  readonly personId?: string | undefined;
}

/**
 * Whether two operators may be the same. Two persons who have logged in are compared by their ids, since a person may change their name.
 * A token is compared by its name, also with a person's.
 */
function isSamePerson(one: Identity, other: Identity): boolean {
  if (one.personId !== undefined && other.personId !== undefined) return one.personId === other.personId;
  return one.by.name === other.by.name;
}

const refusal = (type: DecisionFailureType, message: string) => new CommandError(type, message);
