import type { Channel } from './contract.ts';
import { Silence } from './failures.ts';
import type { Reply } from './http.ts';
import { saysVerified } from './read.ts';

/**
 * What came of one try, coarse enough to be counted. `401` stands for 403 too, `unreadable` is a success that is no JSON;
 * `unreached` never got to the provider, of `unknown` nobody knows.
 */
export const replyKinds = [
  '2xx',
  'already_verified',
  '3xx',
  '401',
  '429',
  '4xx',
  '5xx',
  'unreadable',
  'unreached',
  'unknown',
] as const;
export type ReplyKind = (typeof replyKinds)[number];

/** One try at the provider, without the user. */
export interface Tried {
  readonly call: 'send' | 'confirm' | 'read';
  /** `none` where the call is about the user as a whole. */
  readonly channel: Channel | 'none';
  readonly reply: ReplyKind;
}

export function kindOf(reply: Reply, channel: Tried['channel']): ReplyKind {
  const { status, body } = reply;
  if (status === 200 && body === undefined) return 'unreadable';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  if (status === 401 || status === 403) return '401';
  if (status === 429) return '429';
  if (channel !== 'none' && saysVerified(reply, channel)) return 'already_verified';
  return status < 500 ? '4xx' : '5xx';
}

export function kindOfSilence(error: unknown): ReplyKind {
  return error instanceof Silence && error.type === 'ProviderUnreached' ? 'unreached' : 'unknown';
}
