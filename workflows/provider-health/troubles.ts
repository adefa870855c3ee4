import type { ReplyKind } from '../../activities/contract.ts';
import { MINUTE } from '../journey/policy/policy.ts';
import { troubleKinds } from './contract.ts';
import type { MinuteCounts, ProviderHealthState, TroubleKind, UserDigests } from './contract.ts';

/** How many values a user's digest may have. */
export const USER_DIGESTS = 1_024;
/** More digests than these add nothing to "several users". */
const MAX_USERS = 8;

/** Requests are counted from the newest minute backwards until there are this many, for at most `WINDOW_MINUTES`. */
const MIN_REQUESTS = 10;
const WINDOW_MINUTES = 5;
/** A failure is over if it has not occurred for this many minutes. */
const RECENT_MINUTES = 3;
/** The provider counts as failing from this share of failed requests on. */
const FAILING_SHARE = 0.2;
/** Failures of only one or two users do not count as a failing provider. */
const MIN_USERS = 3;

const outageKinds: ReadonlySet<TroubleKind> = new Set(['silent', 'failing', 'unknown']);

/** The trouble that a reply indicates; `null` for a conclusive reply. */
export const troubleOf: { readonly [K in ReplyKind]: TroubleKind | null } = {
  '2xx': null,
  already_verified: null,
  '4xx': null,
  '401': 'keyRefused',
  '429': 'rateLimited',
  '3xx': 'failing',
  '5xx': 'failing',
  unreadable: 'failing',
  unknown_record: null,
  unreached: 'silent',
  unknown: 'unknown',
  other_provider: null,
};

/** A way in which the provider fails for several users at once. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** Milliseconds since 1970, to the minute. */
  readonly since: number;
  /** Recent requests that failed in this way, among all recent `requests`. */
  readonly failed: number;
  readonly requests: number;
}

/** Finds the ways in which the provider fails at a minute (counted since 1970), the worst first. Normally there are none. */
export function findTroubles(
  { minutes, failingSince: since = {} }: ProviderHealthState,
  minute: number,
): readonly Trouble[] {
  const newest = Math.max(minute, minutes.at(-1)?.minute ?? 0);
  const recent = recentMinutes(minutes, newest);
  const requests = recent.reduce((sum, { replies }) => sum + countAll(replies), 0);
  const candidates = troubleKinds.map((kind) => {
    const failing = recent.filter(({ replies }) => countFailed(replies, kind) > 0);
    return {
      kind,
      failed: failing.reduce((sum, { replies }) => sum + countFailed(replies, kind), 0),
      users: distinct(failing.flatMap(({ users }) => users?.[kind] ?? [])),
      since: since[kind] ?? (failing[0]?.minute ?? newest) * MINUTE,
      isRecent: failing.some((each) => each.minute > newest - RECENT_MINUTES),
    };
  });
  const isWide = (failed: number, users: readonly number[]) =>
    failed >= FAILING_SHARE * requests && users.length >= MIN_USERS;
  const recentOnes = candidates.filter(({ isRecent }) => isRecent);
  const wide = recentOnes.filter(({ failed, users }) => isWide(failed, users));
  if (wide.length > 0) return wide.map((each) => troubleIn(each, requests));
  // An outage may show in several ways, each of them rare: the most frequent one is reported for all of them, except the key and the rate limit.
  const outage = recentOnes.filter(({ kind }) => outageKinds.has(kind));
  const failed = outage.reduce((sum, each) => sum + each.failed, 0);
  const users = distinct(outage.flatMap((each) => each.users));
  const [most] = outage.toSorted((a, b) => b.failed - a.failed);
  return most !== undefined && isWide(failed, users) ? [troubleIn({ ...most, failed }, requests)] : [];
}

/** Since when the provider fails in each way, as of the newest minute. A failure that continues keeps its time. */
export function failingSince(
  minutes: readonly MinuteCounts[],
  before: ProviderHealthState['failingSince'],
): NonNullable<ProviderHealthState['failingSince']> {
  const newest = minutes.at(-1)?.minute ?? 0;
  const troubles = findTroubles({ minutes, lastGoodAt: null, failingSince: before ?? {} }, newest);
  return Object.fromEntries(troubles.map(({ kind, since }) => [kind, since]));
}

/** The users of two sets of requests; `undefined` if neither names any. */
export function mergeUsers(a: UserDigests | undefined, b: UserDigests | undefined): UserDigests | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const kinds = (['all', ...troubleKinds] as const).flatMap((kind) => {
    const digests = distinct([...(a[kind] ?? []), ...(b[kind] ?? [])]).slice(0, MAX_USERS);
    return digests.length > 0 ? [[kind, digests] as const] : [];
  });
  return Object.fromEntries(kinds);
}

/** Returns the newest minutes with enough requests of enough users for a conclusion, oldest first. */
function recentMinutes(minutes: readonly MinuteCounts[], newest: number): readonly MinuteCounts[] {
  const inWindow = minutes.filter(({ minute }) => minute > newest - WINDOW_MINUTES);
  for (let nth = inWindow.length - 1; nth >= 0; nth -= 1) {
    const taken = inWindow.slice(nth);
    const requests = taken.reduce((sum, { replies }) => sum + countAll(replies), 0);
    const users = distinct(taken.flatMap(({ users: digests }) => digests?.all ?? []));
    if (requests >= MIN_REQUESTS && users.length >= MIN_USERS) return taken;
  }
  return inWindow;
}

const countAll = (replies: MinuteCounts['replies']) => Object.values(replies).reduce((sum, count) => sum + count, 0);

function countFailed(replies: MinuteCounts['replies'], kind: TroubleKind): number {
  const kinds = Object.entries(replies) as [ReplyKind, number][];
  return kinds.reduce((sum, [reply, count]) => (troubleOf[reply] === kind ? sum + count : sum), 0);
}

const distinct = (digests: readonly number[]) => [...new Set(digests)];

function troubleIn({ kind, since, failed }: Omit<Trouble, 'requests'>, requests: number): Trouble {
  return { kind, since, failed, requests };
}
