import type { DeprioritizedUser } from './contract.ts';

/** Enough for a canary a minute over an hour and a half. The oldest are dropped first. */
const MAX_DEPRIORITIZED = 100;

/** Moves users whose attempt the provider did not answer to the end of the queue. */
export function deprioritize(
  list: readonly DeprioritizedUser[],
  users: readonly string[],
  duringOutage: boolean,
): readonly DeprioritizedUser[] {
  return [...without(list, ...users), ...users.map((userId) => ({ userId, duringOutage }))].slice(-MAX_DEPRIORITIZED);
}

/** Removes failures during an outage, once the provider is back: they say nothing about those users. */
export function clearOutageFailures(list: readonly DeprioritizedUser[]): readonly DeprioritizedUser[] {
  return list.filter(({ duringOutage }) => !duringOutage);
}

/** Removes users from the list. */
export function without(
  list: readonly DeprioritizedUser[],
  ...users: readonly (string | null)[]
): readonly DeprioritizedUser[] {
  return list.filter(({ userId }) => !users.includes(userId));
}
