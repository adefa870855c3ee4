import { z } from 'zod';
import type { Channel, ConfirmReply, SendReply, UserRecord } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import type { Reply } from './http-client.ts';
import { maskAddress, sanitize } from '../redact.ts';
import { parseRecord } from './user-record.ts';
import { saysVerified } from './already-verified.ts';
import { errorText } from './error-text.ts';

/** Parses the provider's replies. No other file knows its HTTP statuses. */

const SendBody = z.looseObject({
  data: z
    .looseObject({
      email: z.string().optional().catch(undefined),
      phone_number: z.string().optional().catch(undefined),
    })
    .catch({}),
});
const ConfirmBody = z.object({ data: z.object({ success: z.boolean() }) });
// A record without a user id may belong to another user.
const UserBody = z.object({ data: z.looseObject({ user_id: z.union([z.string(), z.number()]) }) });

/** The wait after a 429 without `Retry-After`: one minute, by the provider's documentation. */
const RATE_LIMIT_WAIT_MS = 60_000;

/** Parses the reply to a request for a code. A 2xx reply never fails for a missing or misnamed field. */
export function parseSendReply(reply: Reply, channel: Channel): SendReply {
  const { status } = reply;
  if (status >= 200 && status < 300) {
    const parsed = SendBody.safeParse(reply.body ?? (status === 200 ? undefined : {}));
    if (!parsed.success) throw new ProviderError('ProviderOutcomeUnknown', `unreadable ${status}`);
    const { email, phone_number } = parsed.data.data;
    // An older version of the provider's documentation has the phone number in `email`.
    const to = channel === 'email' ? email : (phone_number ?? email);
    return { type: 'sent', to: to === undefined || to === '' ? null : maskAddress(to) };
  }
  if (saysVerified(reply, channel)) return { type: 'alreadyVerified' };
  if (status === 404) throw new ProviderError('ProviderUnknownUser', replyErrorText(reply));
  if (isRefusal(status)) return { type: 'refused', detail: replyErrorText(reply) };
  throw providerError(reply);
}

/** Parses the reply to a code. */
export function parseConfirmReply(reply: Reply, channel: Channel): ConfirmReply {
  if (reply.status === 200) {
    const parsed = ConfirmBody.safeParse(reply.body);
    if (!parsed.success) throw new ProviderError('ProviderOutcomeUnknown', 'unreadable 200');
    return { type: parsed.data.data.success ? 'right' : 'wrong' };
  }
  if (saysVerified(reply, channel)) return { type: 'alreadyVerified' };
  if (isCodeRefusal(reply.status)) return { type: 'wrong' };
  throw providerError(reply);
}

/** Parses the provider's record of a user. */
export function parseUserRecord(reply: Reply): UserRecord {
  if (reply.status !== 200) throw providerError(reply);
  const parsed = UserBody.safeParse(reply.body);
  if (!parsed.success) throw new ProviderError('ProviderOutcomeUnknown', 'unreadable 200');
  return parseRecord(parsed.data.data).record;
}

/** Whether a reply is a record, of a shape that is not documented. */
export function isUnknownRecord({ status, body }: Reply): boolean {
  const parsed = UserBody.safeParse(body);
  return status === 200 && parsed.success && !parseRecord(parsed.data.data).isKnown;
}

const isCodeRefusal = (status: number) => status === 400 || status === 404 || status === 422;

/** A definite refusal that a retry would not change. 408 is not one: the request did not arrive completely. */
const isRefusal = (status: number) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

/** Returns the error for a reply that is not an answer to its request, by its status. */
export function providerError(reply: Reply): ProviderError {
  const { status } = reply;
  if (isWebPageOfFirewall(reply)) return new ProviderError('ProviderOutOfService', '403 with a page that is not JSON');
  if (status === 401 || status === 403) return new ProviderError('ProviderCredentials', replyErrorText(reply));
  if (status === 429) {
    return new ProviderError('ProviderRateLimited', 'too many requests', reply.retryAfter ?? RATE_LIMIT_WAIT_MS);
  }
  // The request reached the provider, which may have carried it out before a proxy answered 503.
  if (status === 503) return new ProviderError('ProviderOutOfService', replyErrorText(reply));
  if (isRefusal(status)) return new ProviderError('ProviderRefused', replyErrorText(reply));
  return new ProviderError('ProviderOutcomeUnknown', replyErrorText(reply));
}

/** sFOX refuses a key in JSON. A page comes from a firewall or proxy in front of it, which does not mean that the key is invalid. */
export const isWebPageOfFirewall = ({ status, body }: Reply) => status === 403 && body === undefined;

function replyErrorText(reply: Reply): string {
  const text = errorText(reply.body);
  return text === undefined ? String(reply.status) : `${reply.status} ${sanitize(text)}`.trim();
}
