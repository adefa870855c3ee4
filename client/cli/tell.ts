import type { Allowed, Status } from '../http/index.ts';
import type { Desk } from './desk.ts';
import { placeInWords } from './words.ts';

/** Answers as a person reads them. */

type ChannelStatus = NonNullable<Status['email']>;

export const clock = (at: string) => new Date(at).toLocaleTimeString('en-GB');

/** A time of day for people, the whole moment for programs. */
export function moment({ out }: Desk, at: string): string {
  return out.isTerminal ? `${at.slice(0, 10)} ${clock(at)}` : at;
}

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

function allowedLine({ allowed, state }: Status): string[] {
  return allowed === null || Object.keys(allowed).length === 0 ? [] : [`  ${tellAllowed(allowed, state)}`];
}

/** What may be told the journey, and from when on. */
export function tellAllowed(allowed: Allowed, state: Status['state'] | null): string {
  const commands = Object.entries(allowed).map(tellCommand);
  return `allowed: ${commands.length === 0 ? nothing(state) : commands.join(', ')}`;
}

function nothing(state: Status['state'] | null): string {
  if (state === 'expired') return 'only restart';
  if (state === 'cancelled') return 'only restart, by an operator';
  return state === 'done' ? 'nothing any more' : 'nothing now';
}

function tellCommand([name, when]: [name: string, when: Allowed[keyof Allowed]]): string {
  const { channel, at } = when ?? {};
  const parts = [
    ...(channel === undefined ? [] : [channel]),
    ...(at !== undefined && Date.parse(at) > Date.now() ? [`from ${clock(at)}`] : []),
  ];
  return parts.length === 0 ? name : `${name} (${parts.join(', ')})`;
}
