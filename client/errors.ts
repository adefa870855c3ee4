import type { Allowed, Status } from '../workflows/status.ts';

/** One class for each different reaction of a caller; `code` is the stable name that every door gives it. */
export abstract class OnwardError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The request itself is wrong; the message names what, and what would be right. */
export class BadRequest extends OnwardError {
  readonly code = 'bad_request';
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** One line of text: a control character would steer the terminal of who reads it. */
export const plain = /^[^\p{Cc}\p{Cs}]*$/u;
export const PLAIN_ADVICE = 'say why in one line of plain text, without line breaks or other control characters';

/** What operators do is kept for good, with their reason. */
export function checkReason(reason: string): void {
  if (!plain.test(reason)) throw new BadRequest('reason', PLAIN_ADVICE);
  if (reason.trim() === '') throw new BadRequest('reason', 'a reason says why, in a few words');
}

export class NotFound extends OnwardError {
  readonly code = 'not_found';

  constructor(message = 'no journey of that user id: start one first') {
    super(message);
  }
}

/** The journey does not take this now. */
export class NotNow extends OnwardError {
  readonly code = 'not_now';
  readonly state: Status['state'];
  readonly step: Status['step'];
  /** What it takes instead. */
  readonly allowed: Allowed;

  constructor(message: string, at: Pick<Status, 'state' | 'step'> & { readonly allowed: Allowed }) {
    super(message);
    this.state = at.state;
    this.step = at.step;
    this.allowed = at.allowed;
  }
}

/** A send is allowed again later. */
export class CoolingDown extends OnwardError {
  readonly code = 'cooling_down';
  readonly retryAt: Date;

  constructor(retryAt: Date) {
    super(`the next send is allowed at ${retryAt.toISOString()}`);
    this.retryAt = retryAt;
  }
}

/** The user has a journey of another account type, which a start never changes. */
export class AccountTypeDiffers extends OnwardError {
  readonly code = 'account_type_differs';

  constructor(is: string) {
    super(`the user's journey is that of an account of type '${is}'`);
  }
}

/** The idempotency key was used for another request. */
export class KeyReused extends OnwardError {
  readonly code = 'key_reused';

  constructor() {
    super('this idempotency key was used for another request: take a new one');
  }
}

/** The provider did not judge a code. The code is not kept: submit it again. */
export class ProviderUnavailable extends OnwardError {
  readonly code = 'provider_unavailable';
  readonly retryAt: Date | null;

  constructor(retryAt: Date | null) {
    super('the provider did not judge the code: submit it again');
    this.retryAt = retryAt;
  }
}

/** Temporal, or every worker, is away. What was asked may yet be carried out; asking again under the same key is safe. */
export class Unavailable extends OnwardError {
  readonly code = 'unavailable';
  /** Whether it was asked, and only the answer did not come in time. */
  readonly afterDeadline: boolean;
  /** Whether it is this journey alone that takes nothing now. */
  readonly heldUp: boolean;

  constructor(message: string, { afterDeadline = false, heldUp = false } = {}) {
    super(message);
    this.heldUp = heldUp;
    this.afterDeadline = afterDeadline;
  }
}

/** Temporal does not let this caller do it; the message holds what somebody who may has to type. */
export class NotPermitted extends OnwardError {
  readonly code = 'forbidden';

  constructor(what: string, command: string) {
    super(`${what} is not permitted to this caller: have somebody who may run: ${command}`);
  }
}
