import type { ReplyKind } from '../../activities/contract.ts';
import type { JourneyEventName } from '../journey/status/journey-events.ts';
import type { CodeCounts, CodeTotals } from './code-counts.ts';

/** The provider's health: the results of all workers' requests. Users appear in it only as digests of ten bits, which distinguish one user from several. */

export const PROVIDER_HEALTH_TYPE = 'providerHealth';
/** The workflow id: all workers of a task queue report to the same workflow. */
export const providerHealthId = (taskQueue: string) => `onward-provider-health:${taskQueue}`;

/** Replies of the provider, by class. */
export type ReplyCounts = { readonly [K in ReplyKind]: number };

/** Ways in which the provider fails for all users, the most severe first. */
export const troubleKinds = ['keyRefused', 'silent', 'failing', 'unknown', 'rateLimited'] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** Digests of the users with such replies, at most a few; `all` contains those of any reply. */
export type UserDigests = { readonly [K in TroubleKind | 'all']?: readonly number[] };

/** The upper bounds of the classes of durations, in milliseconds. */
export const DURATION_BOUNDS_MS = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

/** How often each event of journeys happened, by its name. An event that did not happen is missing. */
export type EventCounts = { readonly [E in JourneyEventName]?: number };
/** Requests to the provider. A missing reply kind has the count 0. */
export interface AttemptCounts {
  /** Requests to send a code. */
  readonly sends: number;
  readonly replies: Partial<ReplyCounts>;
  readonly users?: UserDigests;
  /** Requests by duration: one count for each of `DURATION_BOUNDS_MS`, and one for longer ones. */
  readonly durations?: readonly number[];
  /** Events of journeys, by name. */
  readonly events?: EventCounts;
  /** Codes that were sent, or may have been. */
  readonly codes?: CodeCounts;
}

export interface MinuteCounts extends AttemptCounts {
  /** Minutes since 1970. */
  readonly minute: number;
}

/** What happened in one hour. Longer-lived than the minutes, and without users. */
export interface HourCounts extends Omit<AttemptCounts, 'users'> {
  /** Hours since 1970. */
  readonly hour: number;
}

export interface ProviderHealthState {
  /** The minutes with reports, oldest first. */
  readonly minutes: readonly MinuteCounts[];
  /** The time of the last conclusive reply; milliseconds since 1970. */
  readonly lastGoodAt: number | null;
  /** The codes of the hour and the day. */
  readonly codes?: CodeTotals;
  /** Since when the provider fails in these ways; milliseconds since 1970. */
  readonly failingSince?: { readonly [K in TroubleKind]?: number };
}

/** The input of the next run. */
export interface StoredHealth extends ProviderHealthState {
  /** The hours with reports, oldest first. */
  readonly hours: readonly HourCounts[];
}

/** The start of the workflow. */
export interface ProviderHealthStart {
  /** How long one execution lasts, in milliseconds. Default: one hour. */
  readonly maxRunMs?: number;
  /** How long the workflow waits for a report before it ends, in milliseconds. Default: as long as hours are stored. */
  readonly maxIdleMs?: number;
}

/** The signal by which a worker reports its attempts since its last report. Its body is `AttemptCounts`. */
export const ATTEMPTS_SIGNAL = 'attempts';
/** The query of the health. Its answer is `ProviderHealthState`. */
export const PROVIDER_HEALTH_QUERY = 'providerHealth';
/** The query of the hours. Its answer is `readonly HourCounts[]`. */
export const PROVIDER_HISTORY_QUERY = 'providerHistory';
