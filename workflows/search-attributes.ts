import type { AccountType } from './journey/account-types.ts';
import type { StallReason } from './journey/stall-reasons.ts';
import { positionOf, stallStatusOf } from './journey/status/status.ts';
import type { State } from './journey/status/status.ts';
import type { Snapshot } from './journey/transition.ts';

export const searchableSteps = ['locked', 'paused', 'stalled'] as const;
export type SearchableStep = (typeof searchableSteps)[number];

/** A selection is part of the memo of its bulk operation, and Temporal limits a memo to 40 kB. */
export const MAX_SELECTED_USERS = 200;

/** Selects journeys. All fields must match. */
export interface JourneyFilter {
  readonly state?: State;
  readonly step?: SearchableStep;
  readonly reason?: StallReason;
  readonly accountType?: AccountType;
  readonly userId?: string;
  /** Only these users: a selection of people, at most `MAX_SELECTED_USERS`. */
  readonly userIds?: readonly string[];
  /** Only journeys whose state, step and reason last changed before this time, RFC 3339. */
  readonly sinceBefore?: string;
}

/** The search attributes of an open journey. A closed journey is found by its execution status. */
export interface SearchState {
  readonly state: State;
  readonly step: SearchableStep | null;
  readonly reason: StallReason | null;
}

/** Returns the search attributes for a machine snapshot. */
export function searchStateOf(snapshot: Snapshot): SearchState {
  const { state, step } = positionOf(snapshot);
  const listed = searchableSteps.find((name) => name === step) ?? null;
  return { state, step: listed, reason: stallStatusOf(snapshot)?.reason ?? null };
}
