import type { AdoptablePolicy, PolicyDocument } from '../journey/policy/adoption.ts';
import { commandTypes } from '../journey/commands.ts';
import type { Command } from '../journey/events.ts';
import type { JourneyFilter } from '../search-attributes.ts';

/** What-ifs compare real journeys with what they would have been under another policy: the input, the results and the activity. */

export const WHAT_IF_TYPE = 'whatIf';
/** The memo field with the request of a what-if, readable without a worker. It never changes. */
export const WHAT_IF_MEMO = 'whatIf';
/** The memo field with its progress, which is written after each page. */
export const WHAT_IF_PROGRESS_MEMO = 'whatIfProgress';

const PREFIX = 'onward-what-if:';
/** The workflow id of a what-if. */
export const whatIfId = (id: string) => `${PREFIX}${id}`;

export interface WhatIfInput {
  readonly id: string;
  /** The content of the policy file that was sent. */
  readonly document: PolicyDocument;
  readonly policy: AdoptablePolicy;
  /** The policy of new journeys at that time next to this one, key by key. */
  readonly policies: readonly { readonly key: string; readonly present: string; readonly whatIf: string }[];
  readonly filter: JourneyFilter;
  /** Only journeys that started at or after this time, RFC 3339; `null`: all. */
  readonly since: string | null;
  /** The number of journeys that matched when it was started. */
  readonly total: number;
  /** The name of the caller. */
  readonly by: string;
  /** RFC 3339. Open journeys are compared up to this time. */
  readonly at: string;
  readonly sizes: WhatIfSizes;
}

/** Sizes: journeys per page, and pages per execution. */
export interface WhatIfSizes {
  readonly page: number;
  readonly pages: number;
}

/**
 * How a journey differs under the other policy, up to the moment at which its comparison ends. In a name, `Later` includes never.
 *
 * - `moreSends`, `fewerSends`: codes that were requested by then
 * - `commandRefused`: a command that the journey accepted would have been refused
 */
export const differenceTypes = [
  'moreSends',
  'fewerSends',
  'lockedSooner',
  'lockedLater',
  'stalledSooner',
  'stalledLater',
  'expiredSooner',
  'expiredLater',
  'commandRefused',
] as const;
export type DifferenceType = (typeof differenceTypes)[number];

/**
 * Why a journey is undecided from some moment on. What its user, or an operator, would have done then is unknown.
 *
 * - `commandRefused`: the policy refuses a command that the journey accepted
 * - `commandAllowed`: the policy allows a command that the journey refused then; a log does not say who tried
 * - `otherOutcome`: the same event leads to another state, such as a lock instead of another guess
 * - `otherTimer`: a timer fires in only one of the two
 * - `providerCall`: a call to the provider took so long that it may have timed out under the policy
 */
export const undecidedCauses = [
  'commandRefused',
  'commandAllowed',
  'otherOutcome',
  'otherTimer',
  'providerCall',
] as const;
export type UndecidedCause = (typeof undecidedCauses)[number];

/**
 * The result for one journey.
 *
 * - `same`: no visible difference
 * - `differs`: it differs, and everything about it is known
 * - `undecided`: the same up to a moment, and unknown from there on
 * - `unreadable`: the journey left no complete log, or none that this release understands
 */
export const whatIfResults = ['same', 'differs', 'undecided', 'unreadable'] as const;
export type WhatIfResult = (typeof whatIfResults)[number];

/** The commands of a journey that another policy may refuse. */
export const refusableCommands: readonly Command['type'][] = [...commandTypes, 'recover', 'adoptPolicy'];

export interface JourneyComparison {
  readonly userId: string;
  readonly result: WhatIfResult;
  readonly differences: readonly DifferenceType[];
  /** The command that would have been refused. */
  readonly refused: Command['type'] | null;
  /** When the journey becomes undecided, RFC 3339. */
  readonly undecidedFrom: string | null;
  /** Why it becomes undecided. */
  readonly cause: UndecidedCause | null;
  /** Codes that were requested, and codes that would have been, up to the end of the comparison. */
  readonly sends: { readonly actual: number; readonly whatIf: number };
  /** Events of the journey, and those that were compared. */
  readonly events: { readonly total: number; readonly compared: number };
  /** Why it is unreadable. */
  readonly why: string | null;
}

export interface WhatIfCounts {
  /** The number of journeys that were compared. */
  readonly done: number;
  readonly results: { readonly [R in WhatIfResult]: number };
  readonly differences: { readonly [D in DifferenceType]: number };
  readonly causes: { readonly [C in UndecidedCause]: number };
  /** Refused commands by their names. */
  readonly refused: { readonly [command: string]: number };
  readonly sends: { readonly actual: number; readonly whatIf: number };
  readonly events: { readonly total: number; readonly compared: number };
}

export interface WhatIfProgress extends WhatIfCounts {
  /** `stopped`: it was ended from outside. */
  readonly state: 'running' | 'stopped' | 'done';
  readonly updatedAt: string;
}

/** What the memo says of the request. */
export type WhatIfOrder = Omit<WhatIfInput, 'policy' | 'sizes'>;

/** What the memo says of the progress. */
export interface WhatIfProgressMemo {
  readonly progress: WhatIfProgress;
  /** The runs whose histories contain the results by journey, in order. */
  readonly processedIn: readonly string[];
}

export type ComparePageRequest = Pick<WhatIfInput, 'policy' | 'filter' | 'since' | 'at'> & {
  readonly page: number;
  readonly cursor: string | null;
};

/** A page of journeys. Those with result `same` are only counted. */
export interface ComparisonPage {
  readonly items: readonly JourneyComparison[];
  readonly counts: WhatIfCounts;
  readonly next: string | null;
}

export interface WhatIfActivities {
  /** Compares a page of journeys. Changes none. */
  compareJourneys(request: ComparePageRequest): Promise<ComparisonPage>;
}
