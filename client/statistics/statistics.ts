import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { accountTypes } from '../../workflows/journey/account-types.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import type { HourCounts } from '../../workflows/provider-health/contract.ts';
import { HOUR } from '../../workflows/journey/policy/policy.ts';
import { formatTime } from '../../workflows/journey/status/status.ts';
import { cachedFor } from '../monitoring/cached.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { CachedCounts } from './cached-counts.ts';
import { addCohorts, countCohort, countEnds, forEachAccountType, measureTimeToVerified } from './journey-counts.ts';
import type { Cohort, Ends, TimeToVerified } from './journey-counts.ts';
import { PRECISION } from './percentiles.ts';
import { periodOf, spanBefore } from './period.ts';
import type { Period, PeriodRequest, Resolution, Span } from './period.ts';
import { readHours, reportsWithin } from './reports.ts';
import type { Reports } from './reports.ts';

/** One hour or day. */
interface StatisticsPoint extends Cohort {
  /** RFC 3339. */
  readonly at: string;
  readonly ends: Ends;
  /** `null` before the first report, and if no worker answers. */
  readonly reports: Reports | null;
}

/** The journeys of one account type: those that signed up in a period, and the time to verified of those that were verified in it. */
type AccountStatistics = Cohort & { readonly timeToVerified: TimeToVerified };

export interface Statistics {
  readonly from: string;
  readonly to: string;
  readonly resolution: Resolution;
  /** Oldest first; the last one may not be over. */
  readonly points: readonly StatisticsPoint[];
  readonly accounts: { readonly [T in AccountType]: AccountStatistics };
  /** What workers have reported in the whole period. */
  readonly reports: Reports | null;
  /** The same of the period before, of the same length. */
  readonly previous: Pick<Statistics, 'from' | 'to' | 'accounts' | 'reports'>;
  /** The first hour with reports; `null` if there is none. */
  readonly reportsSince: string | null;
  /** The limits of these figures. */
  readonly notes: readonly string[];
  readonly asOf: string;
}

const HOURS_CACHE_MS = 5_000;

/** Reads statistics from what Temporal stores anyway. All callers share the counts. */
export class StatisticsReader {
  readonly #counts: CachedCounts;
  readonly #hours: () => Promise<readonly HourCounts[] | null>;

  constructor({ client, taskQueue = TASK_QUEUE }: { readonly client: Client; readonly taskQueue?: string }) {
    this.#counts = new CachedCounts(client);
    this.#hours = cachedFor(HOURS_CACHE_MS, () => readHours(client, taskQueue));
  }

  /** Throws `BadRequest` and `Unavailable`. Needs a worker only for `reports`. */
  async read(request: PeriodRequest): Promise<Statistics> {
    const now = Date.now();
    const period = periodOf(request, now);
    return translatingErrors(() => this.#read(period, now));
  }

  async #read(period: Period, now: number): Promise<Statistics> {
    const hours = await this.#hours();
    const before = spanBefore(period);
    const [points, timesToVerified, previous] = await Promise.all([
      Promise.all(period.spans.map((span) => this.#point(span, hours))),
      forEachAccountType((type) => measureTimeToVerified(this.#counts, period, type)),
      forEachAccountType((type) => this.#account(before, type)),
    ]);
    const accounts = Object.fromEntries(
      accountTypes.map((type) => {
        const cohort = addCohorts(points.map(({ cohorts }) => cohorts[type]));
        return [type, { ...cohort, timeToVerified: timesToVerified[type] }];
      }),
    ) as Statistics['accounts'];
    const [first] = hours ?? [];
    return {
      ...formatSpan(period),
      resolution: period.resolution,
      points: points.map(({ point }) => point),
      accounts,
      reports: hours && reportsWithin(hours, period),
      previous: { ...formatSpan(before), accounts: previous, reports: hours && reportsWithin(hours, before) },
      reportsSince: first === undefined ? null : formatTime(first.hour * HOUR),
      notes: hours === null ? [...notes, noReports] : notes,
      asOf: formatTime(now),
    };
  }

  async #point(span: Span, hours: readonly HourCounts[] | null) {
    const [cohorts, ends] = await Promise.all([
      forEachAccountType((type) => countCohort(this.#counts, span, type)),
      countEnds(this.#counts, span),
    ]);
    const all = addCohorts(accountTypes.map((type) => cohorts[type]));
    const point: StatisticsPoint = {
      at: formatTime(span.from),
      ...all,
      ends,
      reports: hours && reportsWithin(hours, span),
    };
    return { cohorts, point };
  }

  async #account(span: Span, type: AccountType): Promise<AccountStatistics> {
    const [cohort, timeToVerified] = await Promise.all([
      countCohort(this.#counts, span, type),
      measureTimeToVerified(this.#counts, span, type),
    ]);
    return { ...cohort, timeToVerified };
  }
}

const notes: readonly string[] = [
  'Journeys are counted by Temporal’s visibility, which is behind by a second or two and forgets ended journeys after the retention.',
  'A restarted journey counts as another sign-up. A journey that has continued as new counts from its last run.',
  'verified and done say how far those who signed up then have come by now, so recent figures still grow.',
  `The time to verified is exact to ${100 * PRECISION} %. It includes the time that a journey was stalled or paused.`,
  'Reports of workers count in the hour in which they arrive. A report of a killed worker is lost; one that Temporal took without an answer may count twice. The durations of requests are upper bounds of classes.',
];
const noReports = 'No worker has reported yet, or no worker answers, so nothing is known of reports now.';

const formatSpan = ({ from, to }: Span) => ({ from: formatTime(from), to: formatTime(to) });
