import type { Channel, UserRecord } from '../activities/contract.ts';
import type { Context, JourneyInput } from './context.ts';
import type { Actor, Answer, CommandType, JourneyEvent } from './events.ts';
import { currentChannel } from './limits.ts';

/** The delays of the machine that people hear of when they come due. */
type AlarmType = 'journeyLife' | 'reminderAfter' | 'codeLifeAfterUnknown' | 'cooldown' | 'sendLimit';

export type Happening = 'started' | 'restarted' | 'recover' | CommandType | Answer['type'] | AlarmType;

/** One thing that happened to a journey. */
export interface LogEntry {
  readonly at: number;
  readonly what: Happening;
  readonly channel: Channel | null;
  readonly detail: string | null;
  readonly by: Actor | null;
  readonly reason: string | null;
  /** With `recordRead`, what stood there; absent in what an older release noted. */
  readonly record?: UserRecord;
}

/** A line of the timeline, in plain words. */
export interface TimelineItem {
  readonly at: string;
  readonly what: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** The log keeps the beginning of a journey and its newest past; only years of outages reach this bound. */
const KEPT = 500;
const KEPT_FROM_THE_START = 50;

/** Adds an entry; in a very long log the middle makes room. */
export function noted(log: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  if (log.length < KEPT) return [...log, entry];
  return [...log.slice(0, KEPT_FROM_THE_START), ...log.slice(KEPT_FROM_THE_START + 1), entry];
}

/** How many entries from the start are all that happened: behind them one that is missing may have been. */
export const unbroken = (log: readonly LogEntry[]): number => (log.length < KEPT ? KEPT : KEPT_FROM_THE_START);

const bare = { channel: null, detail: null, by: null, reason: null };

/** The entry of a journey's start. */
export function startEntry({ at, restarted }: JourneyInput): LogEntry {
  if (restarted === undefined) return { ...bare, at, what: 'started' };
  return { ...bare, at, what: 'restarted', by: restarted.by, reason: restarted.reason };
}

/** The entry of an event. A code is not among what it takes over. */
export function eventEntry(event: JourneyEvent, before: Context): LogEntry {
  return {
    at: event.at,
    what: event.type,
    channel: 'channel' in event ? event.channel : currentChannel(before),
    detail: 'detail' in event ? event.detail : 'to' in event ? event.to : null,
    by: 'by' in event ? event.by : null,
    reason: 'reason' in event ? event.reason : null,
    ...(event.type === 'recordRead' && { record: event.record }),
  };
}

/** The entry of a delay that has come due; XState names its event `xstate.after.<delay>.<state>`. */
export function alarmEntry(event: string, at: number, before: Context): LogEntry {
  const what = event.split('.')[2] as AlarmType;
  return { ...bare, at, what, channel: currentChannel(before) };
}

const channelWords = { email: 'e-mail', sms: 'sms' } as const;

const words: { readonly [W in Happening]: (channel: string, detail: string) => string } = {
  started: () => 'Started',
  restarted: () => 'Started again',
  submitCode: (channel) => `Submitted an ${channel} code`,
  resend: (channel) => `Asked for another ${channel} code`,
  recheck: () => "Asked for the provider's record",
  retry: () => 'Retried',
  pause: () => 'Paused',
  resume: () => 'Resumed',
  cancel: () => 'Cancelled',
  recover: () => 'Tried again',
  override: (channel) => `Declared ${channel} verified`,
  codeSent: (channel, to) => `The provider sent an ${channel} code${to === '' ? '' : ` to ${to}`}`,
  sendAlreadyVerified: (channel) => `The provider says that ${channel} is verified already`,
  sendRefused: (channel, detail) => `The provider refused to send an ${channel} code: ${detail}`,
  sendUnreached: (channel, detail) => `The request for an ${channel} code never reached the provider: ${detail}`,
  sendRateLimited: (channel, detail) => `The provider takes no more requests for ${channel} codes now: ${detail}`,
  sendCredentials: (channel, detail) => `No ${channel} code was sent, since the provider refuses the key: ${detail}`,
  sendUnknown: (channel, detail) => `Nobody knows whether an ${channel} code was sent: ${detail}`,
  sendStopped: (channel) => `The request for an ${channel} code was stopped before it reached the provider`,
  codeRight: (channel) => `The ${channel} code was right`,
  codeAlreadyVerified: (channel) => `The provider says that ${channel} is verified already`,
  codeWrong: (channel) => `The ${channel} code was wrong or too old`,
  codeNotJudged: (channel, detail) => `The ${channel} code was not judged: ${detail}`,
  codeUnknown: (channel, detail) => `Nobody knows how the ${channel} code was judged: ${detail}`,
  recordRead: () => "Read the provider's record",
  recordRefused: (_, detail) => `The provider gave no record: ${detail}`,
  recordUnread: (_, detail) => `The provider's record could not be read: ${detail}`,
  recordCredentials: (_, detail) => `The provider's record could not be read, since it refuses the key: ${detail}`,
  journeyLife: () => 'Expired: the user did not come back in time',
  reminderAfter: (channel) => `Reminded the user, who had not entered the ${channel} code`,
  codeLifeAfterUnknown: (channel) => `Sent for another ${channel} code, since nobody knew of the last`,
  cooldown: () => 'The cool-down was over',
  sendLimit: () => 'The send limit left room again',
};

/** Tells a log in plain words. */
export function timelineOf(log: readonly LogEntry[]): TimelineItem[] {
  return log.map(({ at, what, channel, detail, by, reason }) => ({
    at: new Date(at).toISOString(),
    what: words[what](channel === null ? '' : channelWords[channel], detail ?? ''),
    by: by === null ? null : `${by.role} ${by.name}`,
    reason,
  }));
}
