import type { PassedOver } from './contract.ts';

/** More than one canary a minute over an hour and a half; the oldest make room. */
const MOST = 100;

/** Puts users whose try was not judged at the end of the row. */
export function passOver(
  list: readonly PassedOver[],
  users: readonly string[],
  whileAway: boolean,
): readonly PassedOver[] {
  return [...without(list, ...users), ...users.map((userId) => ({ userId, whileAway }))].slice(-MOST);
}

/** The provider is back: what it did not judge while it was away says nothing about those users. */
export function forgive(list: readonly PassedOver[]): readonly PassedOver[] {
  return list.filter(({ whileAway }) => !whileAway);
}

/** Leaves out those that need no more trying. */
export function without(list: readonly PassedOver[], ...users: readonly (string | null)[]): readonly PassedOver[] {
  return list.filter(({ userId }) => !users.includes(userId));
}
