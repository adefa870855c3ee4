import { upsertSearchAttributes } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { AccountType, StallReason } from './context.ts';
import { attributes } from './contract.ts';
import { placeOf, stallOf } from './status.ts';
import type { State } from './status.ts';
import type { Snapshot } from './step.ts';

export const listedSteps = ['locked', 'paused', 'stalled'] as const;
export type ListedStep = (typeof listedSteps)[number];

/** Which journeys: every field narrows. */
export interface Filter {
  readonly state?: State;
  readonly step?: ListedStep;
  readonly reason?: StallReason;
  readonly accountType?: AccountType;
  readonly userId?: string;
  /** Whose state, step and reason are so since before this time, RFC 3339. */
  readonly sinceBefore?: string;
}

/** What lists and counts can see of a journey that is open. How one ended is its execution status. */
export interface Listed {
  readonly state: State;
  readonly step: ListedStep | null;
  readonly reason: StallReason | null;
}

/** What is to be listed of a journey in this state. */
export function listedAs(snapshot: Snapshot): Listed {
  const { state, step } = placeOf(snapshot);
  const listed = listedSteps.find((name) => name === step) ?? null;
  return { state, step: listed, reason: stallOf(snapshot)?.reason ?? null };
}

/** Tells visibility what has changed, and nothing where nothing has. */
export function list(before: Listed, now: Listed, at: number): void {
  const changes: SearchAttributeUpdatePair[] = [];
  if (now.state !== before.state) changes.push({ key: attributes.state, value: now.state });
  if (now.step !== before.step) changes.push({ key: attributes.step, value: now.step });
  if (now.reason !== before.reason) changes.push({ key: attributes.reason, value: now.reason });
  if (changes.length === 0) return;
  upsertSearchAttributes([...changes, { key: attributes.since, value: new Date(at) }]);
}
