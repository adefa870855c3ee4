import { z } from 'zod';
import type { Channel, ConfirmReply, SendReply, UserRecord } from './contract.ts';
import { Silence } from './failures.ts';
import type { Reply } from './http.ts';
import { hint, quote } from './mask.ts';

/** How each reply of the provider is to be read: the one place that knows its statuses and texts. */

const SendBody = z.looseObject({
  data: z
    .looseObject({
      email: z.string().optional().catch(undefined),
      phone_number: z.string().optional().catch(undefined),
    })
    .catch({}),
});
const ConfirmBody = z.object({ data: z.object({ success: z.boolean() }) });
const requirement = z.boolean().optional().catch(undefined);
const UserBody = z.object({
  data: z.object({ requirements: z.object({ email: requirement, sms: requirement }).catch({}) }),
});
const ErrorBody = z.object({ error: z.string() });

/** The provider's rule where it names no time: wait a minute. */
const RATE_LIMIT_WAIT = 60_000;

/** Reads the reply to a request for a code. A good reply never fails for a missing or misnamed field. */
export function readSend(reply: Reply, channel: Channel): SendReply {
  const { status } = reply;
  if (status >= 200 && status < 300) {
    const parsed = SendBody.safeParse(reply.body ?? (status === 200 ? undefined : {}));
    if (!parsed.success) throw new Silence('ProviderOutcomeUnknown', `unreadable ${status}`);
    const { email, phone_number } = parsed.data.data;
    // An older version of the provider's page has the phone number in `email`.
    const to = channel === 'email' ? email : (phone_number ?? email);
    return { type: 'sent', to: to === undefined || to === '' ? null : hint(to) };
  }
  if (saysVerified(reply, channel)) return { type: 'alreadyVerified' };
  if (isRefusal(status)) return { type: 'refused', detail: worded(reply) };
  throw silence(reply);
}

/** Reads the reply to a code. */
export function readConfirm(reply: Reply, channel: Channel): ConfirmReply {
  if (reply.status === 200) {
    const parsed = ConfirmBody.safeParse(reply.body);
    if (!parsed.success) throw new Silence('ProviderOutcomeUnknown', 'unreadable 200');
    return { type: parsed.data.data.success ? 'right' : 'wrong' };
  }
  if (saysVerified(reply, channel)) return { type: 'alreadyVerified' };
  if (judgesTheCode(reply.status)) return { type: 'wrong' };
  throw silence(reply);
}

/** Reads the provider's record of a user; a requirement that is true is still open. */
export function readRecord(reply: Reply): UserRecord {
  if (reply.status !== 200) throw silence(reply);
  const parsed = UserBody.safeParse(reply.body);
  if (!parsed.success) throw new Silence('ProviderOutcomeUnknown', 'unreadable 200');
  const { email, sms } = parsed.data.data.requirements;
  return { email: standing(email), sms: standing(sms) };
}

function standing(open: boolean | undefined): UserRecord[Channel] {
  if (open === undefined) return null;
  return open ? 'open' : 'verified';
}

const subjects = { email: 'e-?mail( address)?', sms: 'phone( number)?' } as const;

/** Only a 422 that speaks of this channel, in so many words. */
export function saysVerified({ status, body }: Reply, channel: Channel): boolean {
  const text = ErrorBody.safeParse(body).data?.error;
  if (status !== 422 || text === undefined) return false;
  return new RegExp(`^${subjects[channel]}( has| is)?( been)? already( been)? verified[.!]?$`, 'i').test(text.trim());
}

const judgesTheCode = (status: number) => status === 400 || status === 404 || status === 422;

/** A definite no: asking again would not change it. 408 is none, it says that the request did not arrive whole. */
const isRefusal = (status: number) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

function silence(reply: Reply): Silence {
  const { status } = reply;
  if (status === 401 || status === 403) return new Silence('ProviderCredentials', worded(reply));
  if (status === 429) {
    return new Silence('ProviderRateLimited', 'asked too often', reply.retryAfter ?? RATE_LIMIT_WAIT);
  }
  if (status === 503) return new Silence('ProviderUnreached', worded(reply));
  if (isRefusal(status)) return new Silence('ProviderRefused', worded(reply));
  return new Silence('ProviderOutcomeUnknown', worded(reply));
}

function worded({ status, body }: Reply): string {
  const text = ErrorBody.safeParse(body).data?.error;
  return text === undefined ? String(status) : `${status} ${quote(text)}`.trim();
}
