import type { AccountType } from '../journey/account-types.ts';
import type { Actor } from '../journey/actor.ts';
import type { OperatorAction } from '../journey/events.ts';

/** Reconciliations of the provider's list of users with the journeys: their input, their progress and their activities. */

export const RECONCILIATION_TYPE = 'reconciliation';
/** The workflow that the Schedule starts, and that starts a reconciliation. */
export const SCHEDULED_RECONCILIATION_TYPE = 'scheduledReconciliation';
/** The id of the Schedule. */
export const RECONCILIATION_SCHEDULE = 'onward-reconcile';
/** The memo field with the progress of a reconciliation, readable without a worker. */
export const RECONCILIATION_MEMO = 'reconciliation';

const PREFIX = 'onward-reconciliation:';
/** The workflow id of a reconciliation. */
export const reconciliationId = (id: string) => `${PREFIX}${id}`;

/** The actor of a reconciliation's commands, and of the reconciliations that the Schedule starts. */
export const reconciliationActor = { role: 'onward', name: 'reconciliation' } as const satisfies Actor;

/** The settings of every reconciliation, from the Schedule or from the process that starts it. */
export interface ReconciliationSettings {
  /** How long a user without a journey waits for the sign-up event, in milliseconds. */
  readonly graceFor: number;
  /** Journeys a second that are started or rechecked. */
  readonly perSecond: number;
}

export interface ReconciliationInput extends ReconciliationSettings {
  readonly id: string;
  readonly dryRun: boolean;
  readonly by: Actor;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  /** Distinguishes a repeated request from a different one with the same key. */
  readonly fingerprint: string;
  readonly sizes: ReconciliationSizes;
}

/** Sizes: differences per page, and pages and batches per execution. */
export interface ReconciliationSizes {
  readonly page: number;
  readonly pages: number;
  readonly batches: number;
}

/**
 * How the provider and the journeys differ about a user.
 *
 * - `noJourney`: registered there and not verified, without a journey: one is started
 * - `verified`: verified there, and the journey is open: it is rechecked
 * - `unsupported`: the provider does not serve the person, and the journey does not show it: it is rechecked
 * - `supported`: the provider serves the person, and the journey is stalled as `unsupported`: it is rechecked
 * - `partlyVerified`: the e-mail is verified there, and the journey waits for its code. It is only reported, because a recheck would
 *   send a text message
 * - `notRegistered`: the journey is open, and the provider does not list the user: it is only reported
 */
export const differences = [
  'noJourney',
  'verified',
  'unsupported',
  'supported',
  'partlyVerified',
  'notRegistered',
] as const;
export type DifferenceType = (typeof differences)[number];

/**
 * What was done about a difference; in a dry run, what would be.
 *
 * - `started`: a journey was started, which waits for the code that the provider mailed on registration
 * - `later`: a journey would be started at `until`, unless the sign-up event arrives before
 * - `existing`: a journey was started in the meantime
 * - `rechecked`: the provider's record was requested
 * - `verified`: the journey was done already
 * - `reported`: nothing
 * - `invalidState`: the journey accepts no recheck now; `why` explains it
 * - `limited`: the journey accepts it from `until` on
 * - `unanswered`: the journey did not reply in time
 */
export const reconciliationOutcomes = [
  'started',
  'later',
  'existing',
  'rechecked',
  'verified',
  'reported',
  'invalidState',
  'limited',
  'unanswered',
] as const;
export type ReconciliationOutcomeType = (typeof reconciliationOutcomes)[number];

export interface Difference {
  readonly userId: string;
  readonly difference: DifferenceType;
  /** For `noJourney`. */
  readonly accountType?: AccountType;
  /** For `noJourney`: a journey is started at this time at the earliest, milliseconds since 1970. */
  readonly notBefore?: number;
}

export interface ReconciledUser {
  readonly userId: string;
  readonly difference: DifferenceType;
  readonly outcome: ReconciliationOutcomeType;
  /** RFC 3339. */
  readonly until: string | null;
  readonly why: string | null;
}

export interface ReconciliationProgress {
  /** `waiting`: for the end of `graceFor`. `failed`: the list could not be read, and nothing was changed. */
  readonly state: 'running' | 'waiting' | 'stopping' | 'stopped' | 'failed' | 'done';
  /** Users in the provider's list; `null` until it has been read. */
  readonly users: number | null;
  /** Users of the list whose record has an unknown shape, or whose id cannot be used. Nothing was done about them. */
  readonly unreadable: number;
  /** Differences that were found; `null` until the list has been compared. */
  readonly total: number | null;
  readonly done: number;
  readonly differences: { readonly [D in DifferenceType]: number };
  readonly outcomes: { readonly [O in ReconciliationOutcomeType]: number };
  /** Users without a journey that wait for the end of `graceFor`. */
  readonly waiting: number;
  /** RFC 3339. */
  readonly waitingUntil: string | null;
  /** Who stopped it, when and why. */
  readonly stopped: OperatorAction | null;
  /** Why it ended early, in plain language. */
  readonly note: string | null;
  readonly updatedAt: string;
}

/** The progress of a reconciliation, in its memo. */
export interface ReconciliationMemo {
  readonly order: ReconciliationInput;
  readonly progress: ReconciliationProgress;
  /** The runs whose histories contain the outcomes by user, in order. */
  readonly processedIn: readonly string[];
}

/** The signal that stops a reconciliation. Its body is an `OperatorAction`. */
export const STOP_SIGNAL = 'stop';

export interface CompareRequest {
  /** Only users after this one, by their ids; `null` for the first page. */
  readonly after: string | null;
  readonly most: number;
  readonly graceFor: number;
  /** The runs of this workflow that have found users without a journey: only those are looked for again. `null` at first. */
  readonly foundIn: readonly string[] | null;
}

export interface DifferencePage {
  readonly items: readonly Difference[];
  /** Of the items: those of users without a journey that wait for the end of `graceFor`. */
  readonly waiting: number;
  readonly next: string | null;
  readonly users: number;
  readonly unreadable: number;
}

/** A batch of differences, by the run that found them: its history contains them. */
export interface Batch {
  readonly runId: string;
  /** The index of the page in that run. */
  readonly page: number;
  /** The differences of the page: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

export type ReconcileRequest = Batch & Pick<ReconciliationInput, 'id' | 'perSecond' | 'dryRun' | 'reason'>;

export interface ReconciliationActivities {
  /** Reads the provider's whole list and compares it with the journeys. Returns a page of the differences, by user id. */
  findDifferences(request: CompareRequest): Promise<DifferencePage>;
  /** Acts on a batch of differences at a limited rate; in a dry run, says what would be done. */
  reconcileBatch(request: ReconcileRequest): Promise<readonly ReconciledUser[]>;
  /** Starts a reconciliation, if the Schedule has started the calling run, with these settings, and no reconciliation is running. */
  startScheduled(settings: ReconciliationSettings): Promise<'started' | 'refused' | 'running'>;
}
