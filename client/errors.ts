import type { Allowed, Status } from '../workflows/journey/status/status.ts';
import type { TimelineItem } from '../workflows/journey/status/timeline.ts';
import { findTextProblem } from '../workflows/journey/status/text.ts';

/** Base class. Each subclass calls for a different reaction of the caller; `code` is its stable name in every API. */
export abstract class OnwardError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The request is invalid. `field` names the invalid field, the message says what is valid. */
export class BadRequest extends OnwardError {
  readonly code = 'bad_request';
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Validates the reason for a command, which is stored permanently in the timeline. Throws `BadRequest`. */
export function checkReason(reason: string): void {
  const problem = findTextProblem(reason);
  if (problem !== undefined) throw new BadRequest('reason', problem);
  if (reason.trim() === '') throw new BadRequest('reason', 'reason must not be empty: say why in a few words');
}

/** The user has no journey, or the requested object does not exist. */
export class NotFound extends OnwardError {
  readonly code = 'not_found';

  constructor(message = 'no journey exists for this user id; start one first') {
    super(message);
  }
}

/** The journey does not allow this command in its current state. */
export class InvalidState extends OnwardError {
  readonly code = 'invalid_state';
  readonly state: Status['state'];
  readonly step: Status['step'];
  /** The commands that it allows instead. */
  readonly allowed: Allowed;

  constructor(message: string, at: Pick<Status, 'state' | 'step'> & { readonly allowed: Allowed }) {
    super(message);
    this.state = at.state;
    this.step = at.step;
    this.allowed = at.allowed;
  }
}

/** The journey has another revision than the one that the caller has seen, so the command was not applied. */
export class RevisionDiffers extends OnwardError {
  readonly code = 'revision_differs';
  /** The current revision. */
  readonly revision: number;
  /** What happened since: the newest act of a person, otherwise the newest event. */
  readonly newest: TimelineItem | null;

  constructor(
    message: string,
    { revision, newest }: { readonly revision: number; readonly newest: TimelineItem | null },
  ) {
    super(message);
    this.revision = revision;
    this.newest = newest;
  }
}

/** Another send, or another recheck, is not allowed before `retryAt`. */
export class CoolingDown extends OnwardError {
  readonly code = 'cooling_down';
  readonly retryAt: Date;

  constructor(retryAt: Date, what: 'send' | 'recheck' = 'send') {
    super(`the next ${what} is allowed at ${retryAt.toISOString()}`);
    this.retryAt = retryAt;
  }
}

/** All journeys together have used up the send budget of the hour or the day. */
export class SendBudgetSpent extends OnwardError {
  readonly code = 'send_budget_spent';
  readonly retryAt: Date;

  constructor(channel: string, retryAt: Date) {
    super(`the send budget for ${channel} codes is used up; the next one can be sent at ${retryAt.toISOString()}`);
    this.retryAt = retryAt;
  }
}

/** The user has a journey with another account type. A start never changes it. */
export class AccountTypeDiffers extends OnwardError {
  readonly code = 'account_type_differs';

  constructor(existing: string) {
    super(`the user already has a journey with account type '${existing}'`);
  }
}

/** The new user id has a journey already, so it cannot supersede another one. */
export class JourneyExists extends OnwardError {
  readonly code = 'journey_exists';

  constructor(userId: string) {
    super(`${userId} has a journey already; cancel the other one, or supersede it by a user id without a journey`);
  }
}

/** A bulk operation needs the approval of an operator other than the one who requested it. */
export class OtherOperatorRequired extends OnwardError {
  readonly code = 'forbidden';
}

/** The bulk operation does not wait for an approval. */
export class NotAwaitingApproval extends OnwardError {
  readonly code = 'not_awaiting_approval';
}

/** The idempotency key was used for a different request. */
export class IdempotencyKeyReused extends OnwardError {
  readonly code = 'idempotency_key_reused';

  constructor() {
    super('this idempotency key was used for a different request; use a new key');
  }
}

const retryAdvice = (left: number | null) =>
  left === null ? 'submit it again' : `submit it again (${left} ${left === 1 ? 'attempt' : 'attempts'} left)`;

/** The provider did not check a code. Onward does not store codes, so the caller must submit it again. */
export class ProviderUnavailable extends OnwardError {
  readonly code = 'provider_unavailable';
  readonly retryAt: Date | null;
  /** Attempts left for this code. At 0 the user needs another code. */
  readonly guessesLeft: number | null;

  constructor(retryAt: Date | null, guessesLeft: number | null) {
    const problem = 'the provider did not check the code';
    super(
      guessesLeft === 0
        ? `${problem} and no attempts are left; request another code`
        : `${problem}; ${retryAdvice(guessesLeft)}`,
    );
    this.retryAt = retryAt;
    this.guessesLeft = guessesLeft;
  }
}

/** Temporal or all workers are unavailable. The request may still be executed; retrying it with the same idempotency key is safe. */
export class Unavailable extends OnwardError {
  readonly code = 'unavailable';
  /** Whether the request was sent and only its reply did not arrive in time. */
  readonly afterDeadline: boolean;
  /** Whether only this journey accepts no commands at the moment. */
  readonly isWorkflowTaskFailing: boolean;
  /** Whether a retry fails as well, until an operator deploys or configures something. */
  readonly isLasting: boolean;
  /** Seconds to wait before a retry; `null` if unknown. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    {
      afterDeadline = false,
      heldUp = false,
      lasting = false,
      retryAfter,
      cause,
    }: {
      readonly afterDeadline?: boolean;
      readonly heldUp?: boolean;
      readonly lasting?: boolean;
      readonly retryAfter?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.isWorkflowTaskFailing = heldUp;
    this.afterDeadline = afterDeadline;
    this.isLasting = lasting;
    this.retryAfter = retryAfter ?? null;
  }
}

/** More commands are in flight for this user than the journey accepts, or more came within a minute than the policy allows. */
export class TooManyCommands extends OnwardError {
  readonly code = 'too_many_requests';
  /** Seconds until the journey accepts a command again. */
  readonly retryAfter: number;

  constructor(what: string, retryAfter: number, { cause }: { readonly cause?: unknown } = {}) {
    super(`${what}; retry after ${retryAfter} s`, { cause });
    this.retryAfter = retryAfter;
  }
}

/** The caller has a what-if that is still running, or as many run as may. */
export class TooManyWhatIfs extends OnwardError {
  readonly code = 'too_many_requests';
  /** Seconds after which a retry makes sense. */
  readonly retryAfter = 10;

  constructor(what: string) {
    super(`${what}; stop it, or retry when it has ended`);
  }
}

/** Temporal denies this caller the permission. The message contains the command that an authorized user can run. */
export class NotPermitted extends OnwardError {
  readonly code = 'forbidden';

  constructor(what: string, command: string) {
    super(`${what} is not permitted for this caller; ask an authorized user to run: ${command}`);
  }
}

/** The log of a journey does not say everything that has happened, or this release of the machine does not accept it. */
export class LogIncomplete extends OnwardError {
  readonly code = 'log_incomplete';
}
