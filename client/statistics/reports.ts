import type { Client } from '@temporalio/client';
import type { Channel, ReplyKind } from '../../activities/contract.ts';
import { forEachChannel } from '../../workflows/journey/channels.ts';
import { evidenceKinds } from '../../workflows/journey/context.ts';
import type { Evidence } from '../../workflows/journey/context.ts';
import type { JourneyEventName } from '../../workflows/journey/status/journey-events.ts';
import { sendOutcomes } from '../../workflows/journey/replies.ts';
import type { SendOutcome } from '../../workflows/journey/replies.ts';
import { stallReasons } from '../../workflows/journey/stall-reasons.ts';
import type { StallReason } from '../../workflows/journey/stall-reasons.ts';
import { DURATION_BOUNDS_MS, PROVIDER_HISTORY_QUERY } from '../../workflows/provider-health/contract.ts';
import type { AttemptCounts, HourCounts, ReplyCounts } from '../../workflows/provider-health/contract.ts';
import { addCounts, noAttempts } from '../../workflows/provider-health/counters.ts';
import { hourOf } from '../../workflows/provider-health/hours.ts';
import { troubleOf } from '../../workflows/provider-health/troubles.ts';
import { noReplies, queryProviderHealth } from '../monitoring/provider-health.ts';
import { percentileOfClasses } from './percentiles.ts';
import type { Span } from './period.ts';
import { parseHours } from '../../workflows/provider-health/parse.ts';

/** The reports of workers in a span: requests to the provider, and events of journeys. */
export interface Reports {
  readonly requests: number;
  /** Requests that failed through no fault of the user: no reply, an error, the key or the rate limit. */
  readonly failed: number;
  readonly replies: ReplyCounts;
  /** The duration that half of the requests, or 95 % of them, did not exceed. In classes: the upper bound, in milliseconds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly sends: { readonly [C in Channel]: { readonly [O in SendOutcome]: number } };
  readonly verified: { readonly [C in Channel]: { readonly [E in Evidence]: number } };
  readonly stalled: { readonly [R in StallReason]: number };
}

/** Reads the hours that workers have reported; `null` if none has, or if no worker answers readably in time. */
export async function readHours(client: Client, taskQueue: string): Promise<readonly HourCounts[] | null> {
  return (await queryProviderHealth(client, taskQueue, PROVIDER_HISTORY_QUERY, parseHours)) ?? null;
}

/** Returns what was reported within a span of whole hours. */
export function reportsWithin(hours: readonly HourCounts[], { from, to }: Span): Reports {
  const inside = hours.filter(({ hour }) => hour >= hourOf(from) && hour < hourOf(to));
  const { replies, durations = [], events = {} } = inside.reduce<AttemptCounts>(addCounts, noAttempts);
  const kinds = Object.entries(replies) as [ReplyKind, number][];
  const countIf = (matches: (kind: ReplyKind) => boolean) =>
    kinds.reduce((sum, [kind, count]) => (matches(kind) ? sum + count : sum), 0);
  const eventCount = (name: JourneyEventName) => events[name] ?? 0;
  const duration = (share: number) => percentileOfClasses(share, durations, DURATION_BOUNDS_MS)?.upTo ?? null;
  return {
    requests: countIf(() => true),
    failed: countIf((kind) => troubleOf[kind] !== null),
    replies: { ...noReplies, ...replies },
    p50: duration(0.5),
    p95: duration(0.95),
    sends: forEachChannel((channel) => countEach(sendOutcomes, (outcome) => eventCount(`send.${channel}.${outcome}`))),
    verified: forEachChannel((channel) =>
      countEach(evidenceKinds, (evidence) => eventCount(`verified.${channel}.${evidence}`)),
    ),
    stalled: countEach(stallReasons, (reason) => eventCount(`stalled.${reason}`)),
  };
}

function countEach<K extends string>(keys: readonly K[], countOf: (key: K) => number) {
  return Object.fromEntries(keys.map((key) => [key, countOf(key)])) as { readonly [P in K]: number };
}
