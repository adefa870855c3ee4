import {
  eachOf,
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFlag,
  parseNumber,
  parseText,
} from '../engine/core/parse-values.ts';
import type { Parser } from '../engine/core/parse-values.ts';
import type { ActivityRequests } from '../engine/activity.ts';
import type { ActivityResults } from '../engine/runtime/plain-workflow.ts';
import { accountTypes } from '../journey/account-types.ts';
import { parseActor, parseOperatorAction } from '../journey/stored/parse-operator-action.ts';
import { differences, reconciliationOutcomes } from './contract.ts';
import type {
  Difference,
  ReconciledUser,
  ReconciliationActivities,
  ReconciliationInput,
  ReconciliationMemo,
  ReconciliationProgress,
  ReconciliationSettings,
} from './contract.ts';
import type { ReconciliationState } from './state.ts';

/** Parsers of what reconciliations store and exchange. Another release may have written it. */

export const parseSettings: Parser<ReconciliationSettings> = objectOf({
  graceFor: parseNumber,
  perSecond: parseNumber,
});

export const parseInput: Parser<ReconciliationInput> = objectOf({
  id: parseText,
  graceFor: parseNumber,
  perSecond: parseNumber,
  dryRun: parseFlag,
  by: parseActor,
  reason: parseText,
  at: parseText,
  fingerprint: parseText,
  sizes: objectOf({ page: parseNumber, pages: parseNumber, batches: parseNumber }),
});

// A counter that an older release did not have is 0.
const parseCount = orAbsent(parseNumber, 0);

const parseProgress: Parser<ReconciliationProgress> = objectOf({
  state: oneOf(['running', 'waiting', 'stopping', 'stopped', 'failed', 'done']),
  users: orNull(parseNumber),
  unreadable: parseNumber,
  total: orNull(parseNumber),
  done: parseNumber,
  differences: eachOf(differences, parseCount),
  outcomes: eachOf(reconciliationOutcomes, parseCount),
  waiting: parseNumber,
  waitingUntil: orNull(parseText),
  stopped: orNull(parseOperatorAction),
  note: orNull(parseText),
  updatedAt: parseText,
});

const parseNextUser = objectOf({ userId: orNull(parseText) });
const parseAfter: Parser<ReconciliationState['after']> = (value, path) =>
  value === 'end' ? value : parseNextUser(value, path);

export const parseState: Parser<ReconciliationState> = objectOf({
  progress: parseProgress,
  after: parseAfter,
  pages: listOf(objectOf({ runId: parseText, page: parseNumber, items: parseNumber })),
  from: parseNumber,
  foundIn: listOf(parseText),
  graceEndsAt: parseNumber,
  isSecondPass: parseFlag,
  processedIn: listOf(parseText),
});

export const parseMemo: Parser<ReconciliationMemo> = objectOf({
  order: parseInput,
  progress: parseProgress,
  processedIn: listOf(parseText),
});

const parseDifference: Parser<Difference> = objectOf(
  { userId: parseText, difference: oneOf(differences) },
  { accountType: oneOf(accountTypes), notBefore: parseNumber },
);

const parseReconciled: Parser<ReconciledUser> = objectOf({
  userId: parseText,
  difference: oneOf(differences),
  outcome: oneOf(reconciliationOutcomes),
  until: orNull(parseText),
  why: orNull(parseText),
});

export const reconciliationRequests: ActivityRequests<ReconciliationActivities> = {
  findDifferences: objectOf({
    after: orNull(parseText),
    most: parseNumber,
    graceFor: parseNumber,
    foundIn: orNull(listOf(parseText)),
  }),
  reconcileBatch: objectOf({
    id: parseText,
    perSecond: parseNumber,
    dryRun: parseFlag,
    reason: parseText,
    runId: parseText,
    page: parseNumber,
    from: parseNumber,
    to: parseNumber,
  }),
  startScheduled: parseSettings,
};

export const reconciliationResults: ActivityResults<ReconciliationActivities> = {
  findDifferences: objectOf({
    items: listOf(parseDifference),
    waiting: parseNumber,
    next: orNull(parseText),
    users: parseNumber,
    unreadable: parseNumber,
  }),
  reconcileBatch: listOf(parseReconciled),
  startScheduled: oneOf(['started', 'refused', 'running']),
};
