import { QueryNotRegisteredError, QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MINUTE } from '../workflows/policy.ts';
import { pulseId, pulseQuery } from '../workflows/pulse/contract.ts';
import type { Pulse, Replies, Tries } from '../workflows/pulse/contract.ts';
import { minuteOf, MINUTES, nothing, sum } from '../workflows/pulse/minutes.ts';
import { time } from '../workflows/status.ts';

/** How long an answer is waited for, in milliseconds. */
const QUERY_WAIT = 800;

/** Every class of reply, none of which has come. */
export const noReplies: Replies = {
  '2xx': 0,
  already_verified: 0,
  '3xx': 0,
  '401': 0,
  '429': 0,
  '4xx': 0,
  '5xx': 0,
  unreadable: 0,
  unreached: 0,
  unknown: 0,
};

/** What the provider has answered over the last 15 minutes, to all workers together. Each tells every five seconds. */
export interface ProviderHealth {
  /** By class of reply. Every class is listed, also with 0. */
  readonly replies: Replies;
  /** Fifteen, the oldest first; the last one is the minute that is running. */
  readonly minutes: readonly { readonly at: string; readonly sends: number; readonly replies: Replies }[];
  /** When a worker last told of a reply that judges (2xx or already_verified); RFC 3339. */
  readonly lastGoodAt: string | null;
}

/** Asks how the provider does. `null` while no worker answers in time, and where none has told anything for an hour or two. */
export async function readPulse(client: Client, taskQueue: string): Promise<ProviderHealth | null> {
  const handle = client.workflow.getHandle(pulseId(taskQueue));
  try {
    return healthAt(await client.withDeadline(Date.now() + QUERY_WAIT, () => handle.query(pulseQuery)), Date.now());
  } catch (error) {
    if (unanswered.some((kind) => error instanceof kind)) return null;
    throw error;
  }
}

/** None is open or has ever been, no worker answers, or the one that does is of a release that knows of no pulse. */
const unanswered = [WorkflowNotFoundError, QueryRejectedError, ServiceError, QueryNotRegisteredError];

/** The fifteen minutes of a pulse up to now, whatever it holds. */
export function healthAt({ minutes, lastGoodAt }: Pulse, now: number): ProviderHealth {
  // The clock of whoever asks may be behind the server's.
  const last = Math.max(minuteOf(now), minutes.at(-1)?.minute ?? 0);
  const shown = Array.from({ length: MINUTES }, (_, nth) => {
    const minute = last - MINUTES + 1 + nth;
    const { sends, replies } = minutes.find((each) => each.minute === minute) ?? nothing;
    return { at: time(minute * MINUTE), sends, replies: { ...noReplies, ...replies } };
  });
  return {
    replies: { ...noReplies, ...shown.reduce<Tries>(sum, nothing).replies },
    minutes: shown,
    lastGoodAt: lastGoodAt === null ? null : time(lastGoodAt),
  };
}
