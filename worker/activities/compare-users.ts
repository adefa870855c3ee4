import type { ListedUser } from '../../activities/contract.ts';
import { explainInvalidUserId, normalizeUserId } from '../../client/validation.ts';
import type { UserIdRule } from '../../client/validation.ts';
import type { JourneyListItem } from '../../client/search/journey-search.ts';
import { isFinal } from '../../workflows/journey/status/status.ts';
import type { Difference, DifferenceType } from '../../workflows/reconciliation/contract.ts';

type User = Omit<ListedUser, 'userId'>;

/** With more users, the comparison fails before the worker runs out of memory. */
const MAX_USERS = 2_000_000;

/**
 * Compares the provider's users with the journeys. Memory holds the id of each listed user, one number for it, and the differences.
 * First all users are added, then the journeys, the newest first.
 */
export class UserComparison {
  readonly #users = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #rule: UserIdRule;
  #unreadable = 0;
  #found: Difference[] = [];

  constructor(rule: UserIdRule) {
    this.#rule = rule;
  }

  get users(): number {
    return this.#users.size;
  }

  /** Users whose id or record cannot be used. Nothing is guessed about them. */
  get unreadable(): number {
    return this.#unreadable;
  }

  addUser(user: ListedUser | null): void {
    const userId = user === null ? '' : normalizeUserId(user.userId, this.#rule);
    if (user === null || explainInvalidUserId(userId) !== undefined) {
      this.#unreadable += 1;
      return;
    }
    const before = this.#users.get(userId);
    const packed = pack(user);
    // Two records of one user that contradict each other count as unknown.
    const added = before === undefined || before === packed ? packed : pack(unknown);
    if (unpack(added).standing === null && (before === undefined || added !== before)) this.#unreadable += 1;
    this.#users.set(userId, added);
    if (this.#users.size > MAX_USERS) throw new Error(`the provider lists more than ${MAX_USERS} users`);
  }

  /** @param readAt when the list was requested, in milliseconds since 1970. It may lack the users of journeys that started later */
  addJourney(journey: JourneyListItem, readAt: number): void {
    const { userId } = journey;
    // A restarted user may be listed twice for a moment: the newest journey counts.
    if (this.#seen.has(userId)) return;
    this.#seen.add(userId);
    const packed = this.#users.get(userId);
    const difference = packed === undefined ? missingThere(journey, readAt) : differenceOf(unpack(packed), journey);
    if (difference !== undefined) this.#found.push({ userId, difference });
  }

  /**
   * Returns the differences by user id.
   *
   * @param startsAt returns the earliest time at which a journey may be started for a user without one. Times are in milliseconds since 1970
   */
  differences(startsAt: (registeredAt: number | null) => number): readonly Difference[] {
    const found = [...this.#found];
    for (const [userId, packed] of this.#users) {
      const { standing, accountType, registeredAt } = unpack(packed);
      const isOpen = standing === 'pending' || standing === 'partlyVerified';
      if (!isOpen || accountType === null || this.#seen.has(userId)) continue;
      found.push({ userId, difference: 'noJourney', accountType, notBefore: startsAt(registeredAt) });
    }
    return found.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  }
}

function missingThere({ state, startedAt }: JourneyListItem, readAt: number): DifferenceType | undefined {
  return isFinal(state) || Date.parse(startedAt) >= readAt ? undefined : 'notRegistered';
}

function differenceOf({ standing }: User, { state, reason }: JourneyListItem): DifferenceType | undefined {
  if (isFinal(state) || standing === null) return undefined;
  if (standing === 'unsupported') return reason === 'unsupported' ? undefined : 'unsupported';
  if (standing === 'verified') return 'verified';
  if (reason === 'unsupported') return 'supported';
  return standing === 'partlyVerified' && state === 'emailPending' ? 'partlyVerified' : undefined;
}

const standings = [null, 'pending', 'partlyVerified', 'verified', 'unsupported'] as const;
const accountTypes = [null, 'individual', 'business'] as const;
const unknown: User = { standing: null, accountType: null, registeredAt: null };

/** One number instead of an object: a hundred thousand users take a tenth of the memory. */
function pack({ standing, accountType, registeredAt }: User): number {
  const time = Math.max(0, registeredAt ?? 0);
  return (
    (time * accountTypes.length + accountTypes.indexOf(accountType)) * standings.length + standings.indexOf(standing)
  );
}

function unpack(packed: number): User {
  const rest = Math.floor(packed / standings.length);
  const time = Math.floor(rest / accountTypes.length);
  return {
    standing: standings[packed % standings.length] ?? null,
    accountType: accountTypes[rest % accountTypes.length] ?? null,
    registeredAt: time === 0 ? null : time,
  };
}
