import type { FailureType, ProviderAttempt, ReplyKind } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import type { Reply } from './http-client.ts';
import { saysVerified } from './already-verified.ts';
import { isUnknownRecord, isWebPageOfFirewall } from './parse-reply.ts';

const isReplyKind: { readonly [K in ReplyKind]: true } = {
  '2xx': true,
  already_verified: true,
  '3xx': true,
  '401': true,
  '429': true,
  '4xx': true,
  '5xx': true,
  unreadable: true,
  unknown_record: true,
  unreached: true,
  unknown: true,
  other_provider: true,
};

/** Every reply kind. The compiler reports a kind that is missing. */
export const replyKinds = Object.keys(isReplyKind) as ReplyKind[];

/** Classifies a reply of the provider. Without a channel it is about a record, and `already_verified` is not returned. */
export function classifyReply(reply: Reply, channel: ProviderAttempt['channel']): ReplyKind {
  const { status, body } = reply;
  if (status === 200 && body === undefined) return 'unreadable';
  if (isWebPageOfFirewall(reply)) return 'unreadable';
  if (channel === 'none' && isUnknownRecord(reply)) return 'unknown_record';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  if (status === 401 || status === 403) return '401';
  if (status === 429) return '429';
  if (channel !== 'none' && saysVerified(reply, channel)) return 'already_verified';
  return status < 500 ? '4xx' : '5xx';
}

/** Classifies the error of a request for the list of users. */
export function classifyListError(error: unknown): ReplyKind {
  if (!(error instanceof ProviderError)) return 'unknown';
  return listErrorKinds[error.type] ?? 'unknown';
}

const listErrorKinds: { readonly [T in FailureType]?: ReplyKind } = {
  ProviderUnreached: 'unreached',
  ProviderOutOfService: '5xx',
  ProviderUnknownUser: '4xx',
  ProviderRateLimited: '429',
  ProviderCredentials: '401',
  ProviderOutcomeUnknown: 'unknown',
  ProviderRefused: '4xx',
};

/** Classifies the error of a request that got no reply. */
export function classifyError(error: unknown): ReplyKind {
  return error instanceof ProviderError && error.type === 'ProviderUnreached' ? 'unreached' : 'unknown';
}
