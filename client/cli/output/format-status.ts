import { formatAge, formatInstant, formatTime } from '../../presentation/format-time.ts';
import { headlineOf } from '../../presentation/headline.ts';
import { escapeText } from '../../../workflows/journey/status/text.ts';
import { channels } from '../../../workflows/journey/channels.ts';
import type { ChannelStatus } from '../../../workflows/journey/status/status.ts';
import type { Allowed, Status } from '../../http-client/index.ts';
import { positionLabel } from './labels.ts';
import type { Cell, Output } from './output.ts';

/** Formats statuses for people. */

/** Formats a time for a table cell: two lines on a terminal, where width is scarce; RFC 3339 in a pipe. */
export function formatTableTime({ out }: { readonly out: Output }, at: string): Cell {
  return out.isTerminal ? [formatInstant(at), `(${formatAge(at)})`] : at;
}

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Formats a user's onboarding status on a few lines. The first one says what the journey waits for. */
export function printStatus(status: Status): string {
  const { userId, accountType, live } = status;
  const head = `${userId} (${accountType ?? 'type unknown'}): ${positionLabel(status)}`;
  return [
    headlineOf(status, Date.now()),
    live || channels.some((channel) => status[channel] !== null)
      ? head
      : `${head} (no worker answers; from Temporal’s own records)`,
    ...stalledLines(status),
    ...channels.flatMap((channel) => channelLine(channel, status[channel])),
    ...providerLine(status),
    ...linkLines(status),
    ...allowedLine(status),
  ].join('\n');
}

function stalledLines({ stalled }: Status): string[] {
  if (stalled === null) return [];
  const { since, detail, nextRetryAt } = stalled;
  return [
    `  since: ${formatTime(since)}`,
    ...(detail === null ? [] : [`  because: ${escapeText(detail)}`]),
    ...(nextRetryAt === null ? [] : [`  next try: ${formatTime(nextRetryAt)}`]),
  ];
}

function channelLine(name: string, channel: ChannelStatus | null): string[] {
  if (channel === null) return [];
  const { status, evidence, sends, lastSend, guessesLeft } = channel;
  if (status === 'notNeeded') return [`  ${name.padEnd(7)} not needed`];
  const parts = [
    evidence === null ? status : `verified by ${evidence}`,
    plural(sends, 'send'),
    ...(lastSend === null ? [] : [`last ${lastSend.outcome}${to(lastSend.to)} at ${formatTime(lastSend.at)}`]),
    ...(status === 'pending' ? [guessesLeft === 1 ? '1 guess left' : `${guessesLeft} guesses left`] : []),
  ];
  return [`  ${name.padEnd(7)} ${parts.join(', ')}`];
}

const to = (address: string | null) => (address === null ? '' : ` to ${address}`);

function providerLine({ provider }: Status): string[] {
  // A gateway of an earlier release does not send it.
  if (!provider) return [];
  const { status, open, asOf } = provider;
  const wants = open.length === 0 ? 'nothing open' : `open: ${open.join(', ')}`;
  return [`  at sFOX: ${status ?? 'no status'}, ${wants} (${formatTime(asOf)})`];
}

/** A gateway of an earlier release sends none. */
function linkLines({ supersededBy, supersedes }: Status): string[] {
  return [
    ...(supersededBy ? [`  superseded by: ${supersededBy}`] : []),
    ...(supersedes ? [`  supersedes: ${supersedes}`] : []),
  ];
}

function allowedLine({ allowed, state, supersededBy }: Status): string[] {
  if (supersededBy) return [];
  return allowed === null || Object.keys(allowed).length === 0 ? [] : [`  ${printAllowed(allowed, state)}`];
}

/** Formats the allowed commands, and the time from which each is allowed. */
export function printAllowed(allowed: Allowed, state: Status['state'] | null): string {
  const commands = Object.entries(allowed).map(printCommandResult);
  return `allowed: ${commands.length === 0 ? noCommands(state) : commands.join(', ')}`;
}

function noCommands(state: Status['state'] | null): string {
  if (state === 'expired') return 'only restart';
  if (state === 'cancelled') return 'only restart, by an operator';
  return state === 'done' ? 'no commands' : 'no commands now';
}

function printCommandResult([name, when]: [name: string, when: Allowed[keyof Allowed]]): string {
  const { channel, at } = when ?? {};
  const opens = at !== undefined && Date.parse(at) > Date.now() ? ` from ${formatTime(at)}` : '';
  return `${name}${channel === undefined ? '' : ` (${channel})`}${opens}`;
}
