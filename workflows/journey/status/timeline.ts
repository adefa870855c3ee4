import { parseDelayedEvent } from '../../engine/core/transition.ts';
import { channelFacts } from '../channels.ts';
import { commands } from '../commands.ts';
import type { CommandType } from '../commands.ts';
import type { JourneyContext, JourneyInput } from '../context.ts';
import { delayNames } from '../events.ts';
import type { DelayName, JourneyEvent } from '../events.ts';
import { currentChannel, maySendAutomatically } from '../limits/limits.ts';
import type { LogEntry } from '../stored/log.ts';
import { factsOf, isReplyType } from '../replies.ts';
import type { ReplyFacts, ReplyType } from '../replies.ts';
import { escapeText } from './text.ts';

/** An entry of the timeline, as a sentence. */
export interface TimelineItem {
  readonly at: string;
  readonly what: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** The entry for the start of a journey. */
export function startEntry({ at, restarted }: JourneyInput): LogEntry {
  if (restarted === undefined) return { type: 'started', at, channel: null };
  const { by, reason, supersedes } = restarted;
  return { type: 'restarted', at, by, reason, channel: null, ...(supersedes !== undefined && { supersedes }) };
}

/** The entry for an event of the machine. It never contains a verification code. */
export function eventEntry(event: JourneyEvent, at: number, before: JourneyContext): LogEntry {
  const channel = currentChannel(before);
  const { delay } = parseDelayedEvent(event.type) ?? {};
  const elapsed = delayNames.find((name) => name === delay);
  const offered = isOffered(elapsed ?? event.type, at, before) && ({ offered: true } as const);
  if (elapsed !== undefined) return { type: `after.${elapsed}`, at, channel, ...offered };
  if (event.type !== 'submitCode') return { channel, ...event, ...offered };
  const { type, by, reason } = event;
  return { type, at, by, reason, channel: event.channel };
}

const automaticSends: readonly string[] = [
  'recover',
  'automaticResendAfter',
  'quietHoursEnd',
  'sendLimit',
  'sendBudget',
] satisfies (DelayName | 'recover')[];

/** Whether an automatic send that is due now is offered instead. */
function isOffered(type: string, at: number, before: JourneyContext): boolean {
  return automaticSends.includes(type) && !maySendAutomatically(before, at);
}

type Text = ReplyFacts['text'];

/** The sentences of everything but commands and replies, which have theirs in their catalogues. */
const eventTexts: { readonly [T in Exclude<LogEntry['type'], ReplyType | CommandType>]: Text } = {
  started: () => 'Started',
  restarted: () => 'Restarted',
  recover: () => 'Retried automatically',
  adoptPolicy: () => 'Adopted another policy',
  'after.journeyLife': () => 'Expired: the user did not finish in time',
  'after.reminderAfter': (channel) => `Sent a reminder: the ${channel} code had not been entered`,
  'after.automaticResendAfter': (channel) =>
    `Requested another ${channel} code because the outcome of the last send is unknown`,
  'after.quietHoursEnd': (channel) => `Quiet hours ended: requested the ${channel} code that was due`,
  'after.cooldown': () => 'The cool-down ended',
  'after.sendLimit': () => 'The send limit allowed another send',
  'after.sendBudget': () => 'The budget of all journeys allowed another send',
  unreadable: (_, of) => `An event of another release, which cannot be shown: ${of}`,
};

const offeredText: Text = (channel) => `Offered the ${channel} code that was due: it is sent when the user comes back`;

const isCommand = (type: LogEntry['type']): type is CommandType => Object.hasOwn(commands, type);

/** The text of an entry that links two journeys of the same person. */
function supersessionTextOf(entry: LogEntry): Text | undefined {
  if (entry.type === 'restarted' && entry.supersedes !== undefined)
    return (_, of) => `Started: supersedes the journey of ${of}`;
  if (entry.type === 'cancel' && entry.supersededBy !== undefined)
    return (_, of) => `Cancelled: superseded by the journey of ${of}`;
  return undefined;
}

function textOf(entry: LogEntry): Text {
  const { type, offered } = entry;
  const supersession = supersessionTextOf(entry);
  if (supersession !== undefined) return supersession;
  if (offered) return offeredText;
  if (isReplyType(type)) return factsOf(type).text;
  return isCommand(type) ? commands[type].timeline : eventTexts[type];
}

function detailOf(entry: LogEntry): string | null {
  if ('supersedes' in entry) return entry.supersedes ?? null;
  if ('supersededBy' in entry) return entry.supersededBy ?? null;
  if ('detail' in entry) return entry.detail;
  if ('to' in entry) return entry.to;
  return 'of' in entry ? entry.of : null;
}

const describeRepeats = (repeats: LogEntry['repeats']) =>
  repeats === undefined ? '' : ` (${repeats.times} times since ${new Date(repeats.since).toISOString()})`;

/** Renders a log as sentences. */
export function timelineOf(log: readonly LogEntry[]): TimelineItem[] {
  return log.map((entry) => {
    const { by, reason = null } = 'by' in entry ? entry : {};
    const channel = entry.channel === null ? '' : channelFacts[entry.channel].name;
    return {
      at: new Date(entry.at).toISOString(),
      what: textOf(entry)(channel, escapeText(detailOf(entry) ?? '')) + describeRepeats(entry.repeats),
      by: by === undefined ? null : `${by.role} ${by.name}`,
      reason: reason === null ? null : escapeText(reason),
    };
  });
}
