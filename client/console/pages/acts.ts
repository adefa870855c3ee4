import type { Status } from 'onward/client';
import { userPath } from './doors.js';
import type { Request } from './doors.js';
import { channelWords } from './words.js';

/** What an operator can do to one journey: how it is asked for, and what it does. */

export type Command = 'retry' | 'resend' | 'recheck' | 'pause' | 'resume' | 'cancel' | 'override';
export type ActName = Command | 'restart' | 'erase';

export interface Act {
  readonly name: ActName;
  readonly verb: string;
  /** What it does, whatever the journey makes of it. */
  readonly effect: string;
  readonly dangerous?: true;
  /** Whether the id has to be typed, since it cannot be taken back. */
  readonly typed?: true;
}

export const acts: readonly Act[] = [
  { name: 'retry', verb: 'Retry', effect: 'Sends what is due, or opens a locked channel with fresh guesses.' },
  { name: 'resend', verb: 'Resend', effect: 'Asks for another code; the one before may stop working.' },
  {
    name: 'recheck',
    verb: 'Recheck',
    effect: 'Asks the provider for its own record and moves on accordingly; sends nothing itself.',
  },
  {
    name: 'pause',
    verb: 'Pause',
    effect: 'Holds the journey, and its life stands still; what is in flight ends first.',
  },
  { name: 'resume', verb: 'Resume', effect: 'Lets the journey go on where it was, a due send included.' },
  {
    name: 'override',
    verb: 'Override',
    effect: 'Declares the channel verified on your word; the evidence says so for ever.',
    dangerous: true,
  },
  {
    name: 'cancel',
    verb: 'Cancel',
    effect: 'Ends the journey; what is in flight ends first. An operator can restart it.',
    dangerous: true,
  },
  {
    name: 'restart',
    verb: 'Restart',
    effect:
      'Begins a new journey. The counters of the last day are carried into it, and its first send waits for the cool-down.',
  },
  {
    name: 'erase',
    verb: 'Erase',
    effect:
      'Cancels the journey, deletes all that Temporal keeps of this user, and proves it gone. It cannot be taken back.',
    dangerous: true,
    typed: true,
  },
];

/** The request that an act makes. */
export function requestOf(name: ActName, id: string, status: Status, reason: string): Request {
  if (name === 'erase') return { method: 'DELETE', path: `/v1/users/${encodeURIComponent(id)}`, body: { reason } };
  const channel = status.allowed?.override?.channel;
  const body = name === 'override' && channel !== undefined ? { channel, reason } : { reason };
  return { method: 'POST', path: userPath(id, `/${name}`), body };
}

/** Whether an act is open now, and if not, when it will be; the journey itself is asked why. */
export function opening(name: ActName, { state, allowed }: Status): { readonly isOpen: boolean; readonly at?: string } {
  if (name === 'erase') return { isOpen: true };
  if (name === 'restart') return { isOpen: state === 'expired' || state === 'cancelled' };
  const entry = allowed?.[name];
  if (entry === undefined) return { isOpen: false };
  const { at } = entry;
  return at === undefined || Date.parse(at) <= Date.now() ? { isOpen: true } : { isOpen: false, at };
}

/** What an act is about, where that is one channel. */
export function aboutWords(name: ActName, { allowed }: Status): string {
  const channel = name === 'override' || name === 'resend' ? allowed?.[name]?.channel : undefined;
  return channel === undefined ? '' : ` ${channelWords[channel].toLowerCase()}`;
}
