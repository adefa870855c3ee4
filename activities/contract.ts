/** The provider activities: their requests, replies and failures. Types only, so that no workflow bundle contains code of this folder. */

import type { Channel } from './channels.ts';

export type { Channel } from './channels.ts';

/**
 * The outcome of one request to the provider, coarse enough for metrics.
 *
 * - `401`: also a 403
 * - `unreadable`: a success, or a 403, whose body is not JSON
 * - `unknown_record`: a record of a user whose shape the provider does not document
 * - `unreached`: the request did not reach the provider
 * - `unknown`: it is unknown whether the provider carried out the request
 * - `other_provider`: nothing was requested, since the journey belongs to another provider than the worker's
 */
export type ReplyKind =
  | '2xx'
  | 'already_verified'
  | '3xx'
  | '401'
  | '429'
  | '4xx'
  | '5xx'
  | 'unreadable'
  | 'unknown_record'
  | 'unreached'
  | 'unknown'
  | 'other_provider';

/** One request to the provider, without the user. */
export interface ProviderAttempt {
  readonly call: 'send' | 'confirm' | 'read' | 'list';
  /** `none` for a call about the user as a whole. */
  readonly channel: Channel | 'none';
  readonly reply: ReplyKind;
  /** How long the request took, in milliseconds; absent if none was made. */
  readonly duration?: number;
}

/**
 * The reply to a send. A refusal is a reply, not a failure, because a retry would not change it. A reply that the journey's table does
 * not name counts as a refusal: its `detail` says why no code was sent.
 */
export type SendReply =
  | { readonly type: 'sent'; /** The masked recipient. */ readonly to: string | null }
  | { readonly type: 'alreadyVerified' }
  | { readonly type: 'refused'; readonly detail: string };

export type ConfirmReply =
  { readonly type: 'right' } | { readonly type: 'alreadyVerified' } | { readonly type: 'wrong' };

/** What the provider's record says of the user as a whole. */
export interface ProviderRecord {
  /** In the provider's own words; `null` if the record does not contain it. */
  readonly status: string | null;
  /** `false` only if the record says that the provider does not serve this person. */
  readonly isSupported: boolean;
  /** What the provider still requires, by its own names. */
  readonly open: readonly string[];
}

/** The verification status of each channel in the provider's record; `null` if the record does not mention it. */
export type UserRecord = { readonly [C in Channel]: 'open' | 'verified' | null } & {
  /** Absent from a record that an older release has read. */
  readonly provider?: ProviderRecord;
};

/**
 * Why the provider gives no definite reply, one for each reaction of the workflow: the `type` of the `ApplicationFailure`.
 *
 * - `ProviderUnreached`: no connection was established, so the request is safe to retry
 * - `ProviderOutOfService`: a 503, or the web page of a firewall: the request was probably not carried out, but may have been
 * - `ProviderUnknownUser`: a send returned 404: the provider does not know the user yet
 * - `ProviderRateLimited`: a 429; the first detail is the wait in milliseconds
 * - `ProviderCredentials`: the enterprise key was rejected, which affects every user
 * - `ProviderOutcomeUnknown`: the request may have been carried out, so it is not retried without a check
 * - `ProviderRefused`: the provider refuses to return a record of this user
 */
export type ProviderFailureType =
  | 'ProviderUnreached'
  | 'ProviderOutOfService'
  | 'ProviderUnknownUser'
  | 'ProviderRateLimited'
  | 'ProviderCredentials'
  | 'ProviderOutcomeUnknown'
  | 'ProviderRefused';

/**
 * The `type` of the `ApplicationFailure` of an activity without a definite reply: the provider's reason, or the worker's.
 *
 * - `OtherProvider`: the journey belongs to another provider than the worker's, so nothing was requested
 * - `RequestUnreadable`: another release has written the request, and this worker cannot read it, so nothing was requested
 * - `SendBudgetSpent`: all journeys together have used up the budget of sends; the first detail is the wait in milliseconds
 */
export type FailureType = ProviderFailureType | 'OtherProvider' | 'RequestUnreadable' | 'SendBudgetSpent';

interface Request {
  readonly userId: string;
  /** The provider of the journey; a worker of another one refuses the request. `null`: any. */
  readonly provider: string | null;
  /** The timeout of one request, in milliseconds. */
  readonly timeout: number;
}

export interface SendRequest extends Request {
  readonly channel: Channel;
  /** How long to retry requests that do not reach the provider, in milliseconds from the first attempt. */
  readonly retryFor: number;
  /** How long to retry a user that the provider does not know yet, in milliseconds from the first attempt. */
  readonly unknownUserFor: number;
}

export interface ConfirmRequest extends Request {
  readonly channel: Channel;
  readonly code: string;
}

export type ReadRequest = Request;

export interface SendActivities {
  /**
   * Requests a code. Throws every `FailureType`; `ProviderRefused` only for a user id that cannot be part of a URL path. `OtherProvider`
   * and `RequestUnreadable` are retried until a worker of the right provider and release takes the request.
   */
  sendCode(request: SendRequest): Promise<SendReply>;
}

export interface CheckActivities {
  /** Submits a code to the provider. Throws every `FailureType`; `ProviderRefused` if the provider rejected the request rather than the code. */
  confirmCode(request: ConfirmRequest): Promise<ConfirmReply>;
  /** Reads the provider's record of the user. Sends no code. Throws every `FailureType`. */
  readUser(request: ReadRequest): Promise<UserRecord>;
}

/** A user as the provider's list has them. Contact data of the list is not read. */
export interface ListedUser {
  readonly userId: string;
  readonly accountType: 'individual' | 'business' | null;
  /**
   * - `pending`: nothing is verified yet
   * - `partlyVerified`: the e-mail is verified, and the phone number is not
   * - `verified`: all channels of the account are
   * - `unsupported`: the provider does not serve this person
   * - `null`: the list does not say it, or in a form that Onward does not know
   */
  readonly standing: 'pending' | 'partlyVerified' | 'verified' | 'unsupported' | null;
  /** Milliseconds since 1970; `null` if the list does not say it. */
  readonly registeredAt: number | null;
}

/** A status change to deliver to the product's webhook receiver. */
export interface Delivery {
  /** The same for all attempts. */
  readonly id: string;
  /** The time of the change, RFC 3339. */
  readonly timestamp: string;
  readonly data: object;
}

/**
 * The outcome of one delivery attempt.
 *
 * - `accepted`: the receiver replied 2xx
 * - `failed`: it did not; `retryAfter` is the wait from its `Retry-After` header in milliseconds, or `null`
 * - `gone`: it replied 410, so no further attempt is made
 */
export type DeliveryReply =
  | { readonly type: 'accepted' }
  | { readonly type: 'failed'; readonly problem: string; readonly retryAfter: number | null }
  | { readonly type: 'gone'; readonly problem: string };

export interface ReceiverActivities {
  /** Makes one attempt to send the delivery to the receiver. */
  deliver(delivery: Delivery): Promise<DeliveryReply>;
}
