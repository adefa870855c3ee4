import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ReplyKind } from '../../activities/contract.ts';

/** How the provider does: what all workers together have had from it. Nothing in it is about a user. */

export const PULSE_TYPE = 'pulse';
/** The workflow id: all workers of a task queue tell the same one. */
export const pulseId = (taskQueue: string) => `onward-pulse:${taskQueue}`;

/** Replies of the provider, by class. */
export type Replies = { readonly [K in ReplyKind]: number };

/** What was tried at the provider. A class of reply that is not there has come no time. */
export interface Tries {
  /** Those that asked it to send a code. */
  readonly sends: number;
  readonly replies: Partial<Replies>;
}

export interface MinuteOfTries extends Tries {
  /** Minutes since 1970. */
  readonly minute: number;
}

export interface Pulse {
  /** Those in which something was heard, the oldest first. */
  readonly minutes: readonly MinuteOfTries[];
  /** When a reply was heard of that judges; milliseconds since 1970. */
  readonly lastGoodAt: number | null;
}

/** Tells what one worker has tried since it told last. */
export const triedSignal = defineSignal<[Tries]>('tried');
export const pulseQuery = defineQuery<Pulse>('pulse');
