import type { FailureType, SendReply, UserRecord } from '../../activities/contract.ts';
import type { StallReason } from './stall-reasons.ts';

/** What a reply may contain besides its type and its time. */
export interface ReplyFields {
  readonly detail: string;
  /** The masked recipient. */
  readonly to: string | null;
  readonly record: UserRecord;
  /** Milliseconds; `null` if the provider gave no time. */
  readonly retryAfter: number | null;
  /** When the budget of sends leaves room again, in milliseconds since 1970. */
  readonly until: number;
}

/** Whether a code was sent. A code that was sent, or may have been, counts towards the limits. */
export const sendOutcomes = ['sent', 'notSent', 'unknown', 'alreadyVerified'] as const;
export type SendOutcome = (typeof sendOutcomes)[number];

/** The facts about a reply of the provider, or about a missing one. */
export interface ReplyFacts {
  readonly fields: readonly (keyof ReplyFields)[];
  /** The activity's failures that mean this reply. */
  readonly failures?: readonly FailureType[];
  /** What a reply to a send means for the send ledger. */
  readonly ledger?: {
    readonly outcome: SendOutcome;
    /** Instead of the reply's own detail. */
    readonly reason?: string;
    /** The provider has not processed the request: the intent stays open, and the next attempt replaces the entry. */
    readonly keepsIntentOpen?: true;
    /** The send is retried for `policy.retrySendFor`. */
    readonly isRetried?: true;
  };
  /** Why the journey stalls, if it does. */
  readonly stall?: { readonly reason: StallReason; /** Instead of the reply's own detail. */ readonly detail?: string };
  /** A sentence of the timeline. `detail`: that of the reply, or the recipient of a code. */
  readonly text: (channel: string, detail: string) => string;
}

/** The facts of each reply to a send that the table does not name: no code was sent, and its detail says why. */
const refusal = {
  fields: ['detail'],
  ledger: { outcome: 'notSent' },
  stall: { reason: 'providerRefused' },
  text: (channel: string, detail: string) => `The provider refused to send the ${channel} code: ${detail}`,
} as const satisfies ReplyFacts;

/**
 * The replies of the provider. A reply to a send that only refuses it needs no entry. The machine handles `send.*`, `code.*` and
 * `record.*`, and needs a transition only for a reply that leads elsewhere.
 */
const replies = {
  'send.sent': {
    fields: ['to'],
    ledger: { outcome: 'sent' },
    text: (channel, to) => `The provider sent the ${channel} code${to === '' ? '' : ` to ${to}`}`,
  },
  'send.alreadyVerified': {
    fields: [],
    ledger: { outcome: 'alreadyVerified' },
    text: (channel) => `The provider reports that ${channel} is already verified`,
  },
  'send.refused': { ...refusal, failures: ['ProviderRefused'] },
  'send.unreached': {
    fields: ['detail'],
    failures: ['ProviderUnreached', 'OtherProvider', 'RequestUnreadable'],
    ledger: { outcome: 'notSent', keepsIntentOpen: true },
    stall: { reason: 'providerUnavailable' },
    text: (channel, detail) => `The request for the ${channel} code did not reach the provider: ${detail}`,
  },
  'send.outOfService': {
    fields: ['detail'],
    failures: ['ProviderOutOfService'],
    ledger: { outcome: 'unknown', isRetried: true },
    stall: { reason: 'providerUnavailable' },
    text: (channel, detail) => `The provider was out of service; it may still have sent the ${channel} code: ${detail}`,
  },
  'send.unknownUser': {
    fields: ['detail'],
    failures: ['ProviderUnknownUser'],
    ledger: { outcome: 'notSent', keepsIntentOpen: true },
    stall: { reason: 'unknownUser' },
    text: (channel, detail) => `No ${channel} code was sent: the provider does not know the user (yet): ${detail}`,
  },
  'send.rateLimited': {
    fields: ['detail'],
    failures: ['ProviderRateLimited'],
    ledger: { outcome: 'notSent', keepsIntentOpen: true },
    stall: { reason: 'rateLimited' },
    text: (channel, detail) => `No ${channel} code was sent: the provider's rate limit was reached: ${detail}`,
  },
  'send.credentials': {
    fields: ['detail'],
    failures: ['ProviderCredentials'],
    ledger: { outcome: 'notSent', keepsIntentOpen: true },
    stall: { reason: 'credentials' },
    text: (channel, detail) => `No ${channel} code was sent: the provider rejected the key: ${detail}`,
  },
  'send.overBudget': {
    fields: ['detail', 'until'],
    failures: ['SendBudgetSpent'],
    ledger: { outcome: 'notSent', keepsIntentOpen: true },
    stall: { reason: 'sendBudget' },
    text: (channel, detail) => `No ${channel} code was sent: ${detail}`,
  },
  'send.unknown': {
    fields: ['detail'],
    failures: ['ProviderOutcomeUnknown'],
    ledger: { outcome: 'unknown' },
    stall: { reason: 'providerUnavailable' },
    text: (channel, detail) => `It is unknown whether the ${channel} code was sent: ${detail}`,
  },
  'send.stopped': {
    fields: [],
    ledger: { outcome: 'notSent', reason: 'stopped before it reached the provider', keepsIntentOpen: true },
    text: (channel) => `The request for the ${channel} code was stopped before it reached the provider`,
  },

  'code.correct': { fields: [], text: (channel) => `The ${channel} code was correct` },
  'code.alreadyVerified': {
    fields: [],
    text: (channel) => `The provider reports that ${channel} is already verified`,
  },
  'code.incorrect': { fields: [], text: (channel) => `The ${channel} code was incorrect or expired` },
  'code.notChecked': {
    fields: ['detail', 'retryAfter'],
    text: (channel, detail) => `The ${channel} code was not checked: ${detail}`,
  },
  'code.unknown': {
    fields: ['detail'],
    failures: ['ProviderOutcomeUnknown', 'ProviderOutOfService'],
    text: (channel, detail) => `It is unknown whether the ${channel} code was accepted: ${detail}`,
  },

  'record.read': {
    fields: ['record'],
    stall: {
      reason: 'providerRefused',
      detail: "the provider's record shows the e-mail address as not verified",
    },
    text: () => "Read the provider's record",
  },
  'record.unsupported': {
    fields: ['record', 'detail'],
    stall: { reason: 'unsupported' },
    text: (_, detail) => `Read the provider's record: ${detail}`,
  },
  'record.refused': {
    fields: ['detail'],
    failures: ['ProviderRefused'],
    stall: { reason: 'providerRefused' },
    text: (_, detail) => `The provider refused to return its record: ${detail}`,
  },
  'record.unread': {
    fields: ['detail'],
    stall: { reason: 'providerUnavailable' },
    text: (_, detail) => `The provider's record could not be read: ${detail}`,
  },
  'record.rateLimited': {
    fields: ['detail'],
    failures: ['ProviderRateLimited'],
    stall: { reason: 'rateLimited' },
    text: (_, detail) => `The provider's record could not be read: the provider's rate limit was reached: ${detail}`,
  },
  'record.credentials': {
    fields: ['detail'],
    failures: ['ProviderCredentials'],
    stall: { reason: 'credentials' },
    text: (_, detail) => `The provider's record could not be read: the provider rejected the key: ${detail}`,
  },
} as const satisfies Readonly<Record<string, ReplyFacts>>;

type Named = typeof replies;
type Unnamed = Exclude<`send.${SendReply['type']}`, keyof Named>;
type Replies = Named & { readonly [T in Unnamed]: typeof refusal };
export type ReplyType = keyof Replies;
export type ReplyFamily = 'send' | 'code' | 'record';

/** A reply without its time, which the engine adds. */
export type ProviderReply = {
  [T in ReplyType]: { readonly type: T } & Pick<ReplyFields, Replies[T]['fields'][number]>;
}[ReplyType];

/** A reply of the provider. Only the workflow's activities produce these events. */
export type Reply = ProviderReply & { readonly at: number };

/** The replies of a family, such as `send.*`. */
export type ReplyOf<Family extends ReplyFamily> = Extract<Reply, { readonly type: `${Family}.${string}` }>;

const isNamed = (type: string): type is keyof Named => Object.hasOwn(replies, type);

/** The replies that the table names. */
export const namedReplies: readonly ReplyType[] = Object.keys(replies).filter(isNamed);

/** The facts of a reply; `undefined` for every other event. */
export function factsOf<T extends ReplyType>(type: T): Replies[T];
export function factsOf(type: string): ReplyFacts | undefined;
export function factsOf(type: string): ReplyFacts | undefined {
  if (isNamed(type)) return replies[type];
  return type.startsWith('send.') ? refusal : undefined;
}

export function isReplyType(type: string): type is ReplyType {
  return factsOf(type) !== undefined;
}

/** Whether an event is a reply to a send. */
export function isSendReply(event: { readonly type: string }): event is ReplyOf<'send'> {
  return event.type.startsWith('send.');
}

/** The replies of a family that failures mean. */
type FailureReply<Family extends ReplyFamily> = {
  [T in ReplyType]: T extends `${Family}.${string}`
    ? Replies[T] extends { readonly failures: readonly unknown[] }
      ? T
      : never
    : never;
}[ReplyType];

/** The reply of a family that a failure of its activity means; `undefined` if the failure says nothing definite. */
export function replyOfFailure<Family extends ReplyFamily>(
  family: Family,
  failure: FailureType,
): FailureReply<Family> | undefined {
  const means = (type: string): type is FailureReply<Family> =>
    type.startsWith(`${family}.`) && factsOf(type)?.failures?.includes(failure) === true;
  return namedReplies.find(means);
}
