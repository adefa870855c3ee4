/** What the workflow may ask of the provider, and every reply it can get. Types alone: no workflow bundle holds code of this folder. */

export type { ReplyKind, Tried } from './kind.ts';

export type Channel = 'email' | 'sms';

/** A refusal is data: the provider has judged, and asking again would not change it. */
export type SendReply =
  | { readonly type: 'sent'; /** Where to, masked. */ readonly to: string | null }
  | { readonly type: 'alreadyVerified' }
  | { readonly type: 'refused'; readonly detail: string };

export type ConfirmReply =
  { readonly type: 'right' } | { readonly type: 'alreadyVerified' } | { readonly type: 'wrong' };

/** Which channels the provider still wants verified; `null` where its record does not say. */
export type UserRecord = { readonly [C in Channel]: 'open' | 'verified' | null };

/**
 * Silence is an exception: the `type` of an `ApplicationFailure`, one for each different reaction of the workflow.
 *
 * - `ProviderUnreached`: nothing of the request arrived, it may be asked again
 * - `ProviderRateLimited`: asked too often; the first detail is the wait in milliseconds
 * - `ProviderCredentials`: the enterprise key is wrong, for every user
 * - `ProviderOutcomeUnknown`: it may have been carried out, so it is never asked again blindly
 * - `ProviderRefused`: the provider gives no record of this user
 */
export type FailureType =
  'ProviderUnreached' | 'ProviderRateLimited' | 'ProviderCredentials' | 'ProviderOutcomeUnknown' | 'ProviderRefused';

interface Request {
  readonly userId: string;
  /** How long the provider may take, in milliseconds. */
  readonly timeout: number;
}

export interface SendRequest extends Request {
  readonly channel: Channel;
  /** How long to go on trying what never reached the provider, in milliseconds from the first try. */
  readonly retryFor: number;
}

export interface ConfirmRequest extends Request {
  readonly channel: Channel;
  readonly code: string;
}

export type ReadRequest = Request;

export interface SendActivities {
  /** Asks the provider to send a code. Throws every `FailureType`; `ProviderRefused` only for an id that no path can hold. */
  sendCode(request: SendRequest): Promise<SendReply>;
}

export interface CheckActivities {
  /** Asks the provider whether a code is right. Throws every `FailureType`; `ProviderRefused` where the request, not the code, was judged. */
  confirmCode(request: ConfirmRequest): Promise<ConfirmReply>;
  /** Reads the provider's own record of the user; sends nothing. Throws every `FailureType`. */
  readUser(request: ReadRequest): Promise<UserRecord>;
}

/** A change of status on its way to the product's own receiver. */
export interface Delivery {
  /** The same over all attempts. */
  readonly id: string;
  /** When it changed, RFC 3339. */
  readonly timestamp: string;
  readonly data: object;
}

export interface ReceiverActivities {
  /** Tells the receiver once. Throws where it has not taken it, in our own words. */
  deliver(delivery: Delivery): Promise<void>;
}
