import type { RequestRecord } from '../../../sandbox/sfox/index.ts';

/** When the provider went down or up; the time is RFC 3339. */
export interface ProviderChange {
  readonly at: string;
  readonly provider: 'down' | 'up';
}

/** The configured rate of the drain. */
export interface DrainRate {
  readonly perSecond: number;
  readonly upToPerSecond: number;
}

/** The drain after one outage, according to the provider's log. */
export interface DrainFigures {
  /** When the provider was up again. */
  readonly upAt: string;
  /** The user who was retried first; `null` if that user's record was not read before. */
  readonly canary: string | null;
  /** Sends to users whose previous send had failed. */
  readonly recovered: number;
  /** The highest number of those sends in one second. */
  readonly peak: number;
}

export interface OutageResult {
  readonly drains: readonly DrainFigures[];
  /** Codes that the provider sent. */
  readonly sentCodes: number;
  /** Codes beyond the first of a user and channel. */
  readonly extraCodes: number;
  /** Every expectation that was not met, as a sentence. */
  readonly violations: readonly string[];
}

type Log = readonly RequestRecord[];

/** A tenth more than the rate is allowed, over a window of two seconds: a busy machine sends some requests late. */
const TOLERANCE = 1.1;
const WINDOW_MS = 2_000;
const SECOND_MS = 1_000;

/** Verifies a run against the provider's request log. */
export function verifyOutcome(log: Log, changes: readonly ProviderChange[], rate: DrainRate): OutageResult {
  const ordered = log.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const recoveries = changes.filter(({ provider }) => provider === 'up');
  const drains = recoveries.map(({ at }) =>
    findDrain(
      ordered,
      at,
      changes.find((change) => change.provider === 'down' && change.at > at),
    ),
  );
  const codes = countCodes(log);
  const tooMany = [...codes]
    .filter(([, count]) => count > 2)
    .map(([recipient, count]) => `${recipient} was sent ${count} codes`);
  const total = [...codes.values()].reduce((sum, count) => sum + count, 0);
  return {
    drains: drains.map(({ sends, ...figures }) => ({
      ...figures,
      recovered: sends.length,
      peak: peakCount(timesOf(sends), SECOND_MS),
    })),
    sentCodes: total,
    extraCodes: total - codes.size,
    violations: [...tooMany, ...drains.flatMap((drain) => checkDrain(drain, rate))],
  };
}

interface Drain {
  readonly upAt: string;
  readonly canary: string | null;
  readonly sends: Log;
}

/** Returns the drain between the time the provider was up again and its next outage. */
function findDrain(log: Log, upAt: string, nextOutage: ProviderChange | undefined): Drain {
  const failed = new Set<string>();
  const sends: RequestRecord[] = [];
  for (const request of log) {
    if (request.call !== 'send') continue;
    const isDuringDrain = request.at >= upAt && (nextOutage === undefined || request.at < nextOutage.at);
    if (isDuringDrain && failed.has(recipientOf(request))) sends.push(request);
    if (request.status === 503) failed.add(recipientOf(request));
    else failed.delete(recipientOf(request));
  }
  const [first] = sends;
  // Journeys also read records, so the first record that was read is not always the canary's.
  const isCanary = log.some(
    ({ call, at, status, userId }) =>
      call === 'read' && status === 200 && userId === first?.userId && at >= upAt && at <= first.at,
  );
  return { upAt, canary: isCanary && first !== undefined ? first.userId : null, sends };
}

function checkDrain({ upAt, canary, sends }: Drain, { perSecond, upToPerSecond }: DrainRate): string[] {
  const [first, second] = sends;
  if (first === undefined) return [`no journey was retried after ${upAt}`];
  const violations: string[] = [];
  if (canary === null) violations.push(`after ${upAt} ${first.userId} was retried before its record was read`);
  if (second !== undefined && Date.parse(second.at) - Date.parse(first.at) < SECOND_MS / perSecond / 2) {
    violations.push(`after ${upAt} the others did not wait for the canary`);
  }
  const times = timesOf(sends);
  const early = times.filter((at) => at < (times[0] ?? 0) + 10 * SECOND_MS).length;
  const maxEarly = perSecond * 10 * TOLERANCE + 1;
  if (early > maxEarly) violations.push(`after ${upAt} ${early} were retried in ten seconds, not ${maxEarly} at most`);
  const peak = peakCount(times, WINDOW_MS);
  const maxPeak = ((upToPerSecond * WINDOW_MS) / SECOND_MS) * TOLERANCE + 1;
  if (peak > maxPeak) violations.push(`after ${upAt} ${peak} were retried in two seconds, not ${maxPeak} at most`);
  return violations;
}

const timesOf = (log: Log) => log.map(({ at }) => Date.parse(at));

/** The highest number of times within any window of this length; `times` are ascending. */
export function peakCount(times: readonly number[], windowMs: number): number {
  let from = 0;
  return times.reduce((peak, at, to) => {
    while ((times[from] ?? at) <= at - windowMs) from += 1;
    return Math.max(peak, to - from + 1);
  }, 0);
}

/** The number of codes sent, by user and channel, including those whose reply was lost. */
function countCodes(log: Log): Map<string, number> {
  const counts = new Map<string, number>();
  for (const request of log) {
    if (request.call !== 'send' || !(request.status === 200 || request.status === 'reset-after')) continue;
    counts.set(recipientOf(request), (counts.get(recipientOf(request)) ?? 0) + 1);
  }
  return counts;
}

const recipientOf = ({ userId, channel }: RequestRecord) => `${userId} ${channel}`;
