import { differenceTypes, undecidedCauses, whatIfResults } from './contract.ts';
import type { JourneyComparison, WhatIfCounts, WhatIfProgress } from './contract.ts';

/** The state of a what-if, as plain JSON for continue-as-new. It contains no users. */
export interface WhatIfState {
  readonly progress: WhatIfProgress;
  /** The cursor of the next page; `null` for the first. */
  readonly cursor: string | null;
  readonly processedIn: readonly string[];
}

const zeros = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 0])) as { [P in K]: number };

export const noCounts: WhatIfCounts = {
  done: 0,
  results: zeros(whatIfResults),
  differences: zeros(differenceTypes),
  causes: zeros(undecidedCauses),
  refused: {},
  sends: { actual: 0, whatIf: 0 },
  events: { total: 0, compared: 0 },
};

export const initialState = (at: string): WhatIfState => ({
  progress: { state: 'running', ...noCounts, updatedAt: at },
  cursor: null,
  processedIn: [],
});

/** The counts of one journey. */
export function countsOf({ result, differences, cause, refused, sends, events }: JourneyComparison): WhatIfCounts {
  return {
    done: 1,
    results: { ...noCounts.results, [result]: 1 },
    differences: { ...noCounts.differences, ...Object.fromEntries(differences.map((each) => [each, 1])) },
    causes: { ...noCounts.causes, ...(cause !== null && { [cause]: 1 }) },
    refused: refused === null ? {} : { [refused]: 1 },
    sends,
    events,
  };
}

export function addCounts(a: WhatIfCounts, b: WhatIfCounts): WhatIfCounts {
  return {
    done: a.done + b.done,
    results: added(a.results, b.results),
    differences: added(a.differences, b.differences),
    causes: added(a.causes, b.causes),
    refused: added(a.refused, b.refused),
    sends: added(a.sends, b.sends),
    events: added(a.events, b.events),
  };
}

function added<T extends { readonly [key: string]: number }>(a: T, b: T): T {
  const sum: { [key: string]: number } = { ...a };
  for (const [key, count] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + count;
  return sum as T;
}
