import type { Allowed, Listing, Status, Summary, Timeline } from '../http/index.ts';
import { placeInWords } from './words.ts';

/** Answers as a person reads them. */

type ChannelStatus = NonNullable<Status['email']>;

/** A send as the simulator keeps it. */
interface Sent {
  readonly at: string;
  readonly userId: string;
  readonly channel: string;
  readonly code: string;
}

/** Some of what stands in a list, and whether there is more. */
interface Page {
  readonly items: readonly Listing['items'][number][];
  readonly next: string | null;
}

export const clock = (at: string) => new Date(at).toLocaleTimeString('en-GB');

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** A user's onboarding status, on a few lines. */
export function tellStatus(status: Status): string {
  const { userId, accountType, live } = status;
  const head = `${userId} (${accountType ?? 'type unknown'}): ${placeInWords(status)}`;
  return [
    live || status.email !== null ? head : `${head} (as the server knows it: no worker answers)`,
    ...(status.stalled?.detail == null ? [] : [`  because: ${status.stalled.detail}`]),
    ...channelLine('e-mail', status.email),
    ...channelLine('sms', status.sms),
    ...allowedLine(status),
  ].join('\n');
}

function channelLine(name: string, channel: ChannelStatus | null): string[] {
  if (channel === null) return [];
  const { status, evidence, sends, lastSend, guessesLeft } = channel;
  if (status === 'notNeeded') return [`  ${name.padEnd(7)} not needed`];
  const parts = [
    evidence === null ? status : `verified by ${evidence}`,
    plural(sends, 'send'),
    ...(lastSend === null ? [] : [`last ${lastSend.outcome} at ${clock(lastSend.at)}${to(lastSend.to)}`]),
    ...(status === 'pending' ? [guessesLeft === 1 ? '1 guess left' : `${guessesLeft} guesses left`] : []),
  ];
  return [`  ${name.padEnd(7)} ${parts.join(', ')}`];
}

const to = (address: string | null) => (address === null ? '' : ` to ${address}`);

function allowedLine({ allowed }: Status): string[] {
  return allowed === null || Object.keys(allowed).length === 0 ? [] : [`  ${tellAllowed(allowed)}`];
}

/** What may be told the journey, and from when on. */
export function tellAllowed(allowed: Allowed): string {
  const commands = Object.entries(allowed).map(([name, when]) => {
    const at = when?.at;
    return at !== undefined && Date.parse(at) > Date.now() ? `${name} (from ${clock(at)})` : name;
  });
  return `allowed: ${commands.length === 0 ? 'nothing any more' : commands.join(', ')}`;
}

/** What happened, a line each. */
export function tellTimeline(items: readonly Timeline['items'][number][]): string {
  return items
    .map(({ at, what, by, reason }) => {
      return `  ${clock(at)}  ${what}${by === null ? '' : ` (${by}${reason === null ? '' : `: ${reason}`})`}`;
    })
    .join('\n');
}

/** A page of journeys, a line each. */
export function tellPage({ items, next }: Page): string {
  if (items.length === 0) return 'no journeys yet';
  const lines = items.map(({ userId, state, step, reason, startedAt }) => {
    return `  ${[userId.padEnd(20), clock(startedAt), state, step, reason].filter((part) => part !== null).join('  ')}`;
  });
  return [...lines, ...(next === null ? [] : ['  … and older ones'])].join('\n');
}

/** How many journeys stand where. */
export function tellSummary({ total, states, steps, reasons }: Summary): string {
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`);
  const parts = [counts(states), counts(steps), counts(reasons)].filter((part) => part.length > 0);
  return [plural(total, 'journey'), ...parts.map((part) => part.join(', '))].join('; ');
}

/** What the simulator has sent, a line each. */
export function tellOutbox(mails: readonly Sent[]): string {
  if (mails.length === 0) return 'nothing was sent';
  return mails.map(({ at, userId, channel, code }) => `  ${clock(at)}  ${userId}  ${channel}  ${code}`).join('\n');
}
