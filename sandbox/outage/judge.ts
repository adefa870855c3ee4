import type { RequestRecord } from '../sfox/index.ts';

/** When the provider went and came; times are RFC 3339. */
export interface Mark {
  readonly at: string;
  readonly what: 'away' | 'back';
}

/** What was set for the drain. */
export interface Pace {
  readonly perSecond: number;
  readonly upToPerSecond: number;
}

/** One time that the provider was back, as its own log shows it. */
export interface Drained {
  readonly back: string;
  /** Whose record was read first; `null` where nobody's was. */
  readonly canary: string | null;
  /** Sends to users whose send before had failed. */
  readonly recovered: number;
  /** The most of them in one second. */
  readonly peak: number;
}

export interface Verdict {
  readonly drained: readonly Drained[];
  /** Codes that the provider sent. */
  readonly sent: number;
  /** Codes beyond the first of a user and channel. */
  readonly extra: number;
  /** What is not as it must be, in plain words. */
  readonly complaints: readonly string[];
}

type Log = readonly RequestRecord[];

/** Twice a second's worth, since a busy machine is late now and then, and a tenth more. */
const LENIENT = 1.1;
const WINDOW = 2_000;
const SECOND = 1_000;

/** Judges an outage by the provider's own log alone. */
export function judge(log: Log, marks: readonly Mark[], pace: Pace): Verdict {
  const ordered = log.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const backs = marks.filter(({ what }) => what === 'back');
  const drained = backs.map(({ at }) =>
    drainFrom(
      ordered,
      at,
      marks.find((mark) => mark.what === 'away' && mark.at > at),
    ),
  );
  const codes = codesOf(log);
  const tooMany = [...codes].filter(([, count]) => count > 2).map(([whom, count]) => `${whom} was sent ${count} codes`);
  const total = [...codes.values()].reduce((sum, count) => sum + count, 0);
  return {
    drained: drained.map(({ sends, ...told }) => ({
      ...told,
      recovered: sends.length,
      peak: most(timesOf(sends), SECOND),
    })),
    sent: total,
    extra: total - codes.size,
    complaints: [...tooMany, ...drained.flatMap((one) => complaintsOf(one, pace))],
  };
}

interface Drain {
  readonly back: string;
  readonly canary: string | null;
  readonly sends: Log;
}

/** What happened between the provider's coming back and its next going. */
function drainFrom(log: Log, back: string, away: Mark | undefined): Drain {
  const failed = new Set<string>();
  const sends: RequestRecord[] = [];
  for (const request of log) {
    if (request.call !== 'send') continue;
    const within = request.at >= back && (away === undefined || request.at < away.at);
    if (within && failed.has(whom(request))) sends.push(request);
    if (request.status === 503) failed.add(whom(request));
    else failed.delete(whom(request));
  }
  const read = log.find(({ call, at, status }) => call === 'read' && at >= back && status === 200);
  return { back, canary: read?.userId ?? null, sends };
}

function complaintsOf({ back, canary, sends }: Drain, { perSecond, upToPerSecond }: Pace): string[] {
  const [first, second] = sends;
  if (first === undefined) return [`nobody was tried after ${back}`];
  const found: string[] = [];
  if (first.userId !== canary) found.push(`after ${back} ${first.userId} was tried before a canary's record was read`);
  if (second !== undefined && Date.parse(second.at) - Date.parse(first.at) < SECOND / perSecond / 2) {
    found.push(`after ${back} the others did not wait for the canary`);
  }
  const times = timesOf(sends);
  const begun = times.filter((at) => at < (times[0] ?? 0) + 10 * SECOND).length;
  const allowed = perSecond * 10 * LENIENT + 1;
  if (begun > allowed) found.push(`after ${back} ${begun} were tried in ten seconds, not ${allowed} at most`);
  const peak = most(times, WINDOW);
  const highest = ((upToPerSecond * WINDOW) / SECOND) * LENIENT + 1;
  if (peak > highest) found.push(`after ${back} ${peak} were tried in two seconds, not ${highest} at most`);
  return found;
}

const timesOf = (log: Log) => log.map(({ at }) => Date.parse(at));

/** The most times within a window of so many milliseconds. */
function most(times: readonly number[], window: number): number {
  let from = 0;
  return times.reduce((peak, at, to) => {
    while ((times[from] ?? at) <= at - window) from += 1;
    return Math.max(peak, to - from + 1);
  }, 0);
}

/** How many codes went out, by user and channel; one whose reply was lost is one. */
function codesOf(log: Log): Map<string, number> {
  const counts = new Map<string, number>();
  for (const request of log) {
    if (request.call !== 'send' || !(request.status === 200 || request.status === 'reset-after')) continue;
    counts.set(whom(request), (counts.get(whom(request)) ?? 0) + 1);
  }
  return counts;
}

const whom = ({ userId, channel }: RequestRecord) => `${userId} ${channel}`;
