import type { Channel } from '../../activities/contract.ts';
import { channels, codeName, subjectName } from '../../workflows/journey/channels.ts';
import type { StallReason } from '../../workflows/journey/stall-reasons.ts';
import type { ChannelStatus, Status } from '../../workflows/journey/status/status-schema.ts';

/**
 * The headline of a journey: one sentence that says what the journey waits for, or how it ended. Browsers load this module too, so it
 * imports nothing that needs Node.
 */

/** The fields of a status that the headline uses. */
export type HeadlineStatus = Pick<
  Status,
  'userId' | 'state' | 'step' | 'live' | 'updatedAt' | 'stalled' | 'offered' | Channel
>;

/**
 * Says in one sentence, without a period, what a journey waits for: `Waiting for ada to enter the e-mail code sent 2 minutes ago
 * to a•••@e•••`.
 *
 * @param now in milliseconds since 1970
 */
export function headlineOf(status: HeadlineStatus, now: number): string {
  const { userId, state, step, live } = status;
  if (state === 'done') return `${userId} was verified${ago(status.updatedAt, now)}${evidenceOf(status)}`;
  if (state === 'expired')
    return `The journey of ${userId} expired${ago(status.updatedAt, now)}${unverifiedOf(status)}`;
  if (state === 'cancelled') return `The journey of ${userId} was cancelled${ago(status.updatedAt, now)}`;
  const channel = channels.find((each) => status[each]?.status === 'pending');
  const code = channel === undefined ? 'code' : codeName(channel);
  switch (step) {
    case 'paused':
      return `Paused: nothing happens to ${userId} until an operator resumes the journey`;
    case 'locked':
      return `Locked: ${userId} has used all guesses for the ${code}, and an operator can unlock it`;
    case 'stalled':
      return stalledSentence(status, code, now);
    case 'sending':
      return `Sending ${userId} the ${code}`;
    case 'checkingCode':
      return `Checking the ${code} that ${userId} entered`;
    case 'awaitingCode':
      return waitingSentence(status, channel, now);
    case null:
      return live
        ? `Deciding what comes next for ${userId}`
        : `No worker answers, so what ${userId} waits for is not known`;
  }
}

function waitingSentence(status: HeadlineStatus, channel: Channel | undefined, now: number): string {
  const { userId, offered } = status;
  if (offered !== null) {
    return `Waiting for ${userId} to come back: the ${codeName(offered.channel)} has been due for ${lasting(offered.since, now)} and is sent at their next visit`;
  }
  if (channel === undefined) return `Waiting for ${userId} to enter the code`;
  return `Waiting for ${userId} to enter the ${codeName(channel)}${sendOf(status[channel], now)}`;
}

/** When and where the code was sent. */
function sendOf(channel: ChannelStatus | null, now: number): string {
  if (channel === null) return '';
  const { lastSend } = channel;
  if (lastSend === null) return ' that the provider sends at sign-up';
  const to = lastSend.to === null ? '' : ` to ${lastSend.to}`;
  const when = ago(lastSend.at, now);
  if (lastSend.outcome === 'sent') return ` sent${when}${to}`;
  if (lastSend.outcome === 'unknown') return ` that may have been sent${when}${to}`;
  return `; the last request for one${when} sent none`;
}

const stallTexts: { readonly [R in StallReason]: (userId: string) => string } = {
  providerUnavailable: () => 'the provider gives no usable reply',
  providerRefused: () => 'the provider refuses to send it',
  credentials: () => 'the provider refuses the API key',
  rateLimited: () => 'the provider limits the rate of requests',
  sendLimit: (userId) => `${userId} has been sent as many codes as the limit allows`,
  sendBudget: () => 'the send budget of all users is used up',
  unknownUser: (userId) => `the provider does not know ${userId} yet`,
  unsupported: (userId) => `the provider does not serve ${userId}`,
};

function stalledSentence({ userId, stalled }: HeadlineStatus, code: string, now: number): string {
  if (stalled === null) return `Stalled: no ${code} can be sent to ${userId}`;
  const { reason, since, nextRetryAt } = stalled;
  const next = nextRetryAt === null ? '' : `; next retry ${until(nextRetryAt, now)}`;
  return `Stalled for ${lasting(since, now)}: no ${code} can be sent to ${userId}, because ${stallTexts[reason](userId)}${next}`;
}

function evidenceOf(status: HeadlineStatus): string {
  const verified = channels.filter((channel) => status[channel]?.status === 'verified');
  return verified.length === 0 ? '' : `, by ${verified.map(subjectName).join(' and ')}`;
}

function unverifiedOf(status: HeadlineStatus): string {
  const missing = channels.find((channel) => ['pending', 'waiting'].includes(status[channel]?.status ?? ''));
  return missing === undefined ? '' : ` before the ${subjectName(missing)} was verified`;
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration in its largest unit: `2 minutes`. */
function inWords(milliseconds: number): string {
  const seconds = Math.max(1, Math.floor(milliseconds / 1_000));
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? units[3];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const lasting = (since: string, now: number) => inWords(now - Date.parse(since));

const ago = (at: string | null, now: number) => (at === null ? '' : ` ${age(at, now)}`);

/** How long ago a time was. One that seems to be in the future, by another clock, is `just now`. */
function age(at: string, now: number): string {
  const elapsed = now - Date.parse(at);
  return elapsed < 1_000 ? 'just now' : `${inWords(elapsed)} ago`;
}

function until(at: string, now: number): string {
  const left = Date.parse(at) - now;
  return left < 1_000 ? 'now' : `in ${inWords(left)}`;
}
