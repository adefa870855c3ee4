import {
  eachOf,
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFields,
  parseFlag,
  parseNumber,
  parseText,
  recordOf,
} from '../engine/core/parse-values.ts';
import type { Parser } from '../engine/core/parse-values.ts';
import type { ActivityRequests } from '../engine/activity.ts';
import type { ActivityResults } from '../engine/runtime/plain-workflow.ts';
import { parseAdoptablePolicy } from '../journey/policy/adoption.ts';
import { operationCommands } from '../journey/commands.ts';
import { parseActor, parseOperatorAction } from '../journey/stored/parse-operator-action.ts';
import { undeliveredStates } from '../contract.ts';
import { parseJourneyFilter } from '../parse-filter.ts';
import type { DecisionRequest } from './approval.ts';
import { operationOutcomes, operationStates } from './contract.ts';
import type {
  BulkOperationActivities,
  BulkOperationInput,
  BulkOperationMemo,
  BulkOperationProgress,
  UserOutcome,
} from './contract.ts';
import type { BulkOperationState } from './state.ts';

/** Parsers of what bulk operations store and exchange. Another release may have written it. */

const undeliveredFields = { state: oneOf(undeliveredStates), userId: parseText };

/** What an operation and each of its batches have in common. */
const command = {
  id: parseText,
  command: oneOf(operationCommands),
  perSecond: parseNumber,
  dryRun: parseFlag,
  by: parseActor,
  reason: parseText,
  asOf: parseNumber,
};

export const parseInput: Parser<BulkOperationInput> = objectOf(
  {
    ...command,
    filter: parseJourneyFilter,
    expected: parseNumber,
    dryRunId: orAbsent(orNull(parseText), null),
    at: parseText,
    fingerprint: parseText,
    sizes: objectOf({ page: parseNumber, pages: parseNumber, batches: parseNumber }),
  },
  {
    document: parseFields,
    policy: parseAdoptablePolicy,
    webhooks: objectOf({}, undeliveredFields),
    approval: objectOf({ above: parseNumber, until: parseText }, { personId: parseText }),
  },
);

const decision = oneOf(['approved', 'rejected']);

export const parseDecision: Parser<DecisionRequest> = objectOf(
  { decision, digest: parseText, by: parseActor, reason: parseText },
  { personId: parseText },
);

const parseProgress: Parser<BulkOperationProgress> = objectOf(
  {
    state: oneOf(operationStates),
    total: orNull(parseNumber),
    done: parseNumber,
    // An older release has not counted an outcome that it did not know.
    outcomes: eachOf(operationOutcomes, orAbsent(parseNumber, 0)),
    stopped: orNull(parseOperatorAction),
    note: orNull(parseText),
    updatedAt: parseText,
  },
  { decision: objectOf({ decision, at: parseText, by: parseActor, reason: parseText }) },
);

export const parseState: Parser<BulkOperationState> = objectOf({
  progress: parseProgress,
  cursor: orNull(parseText),
  pages: listOf(objectOf({ runId: parseText, page: parseNumber, users: parseNumber })),
  from: parseNumber,
  processedUsers: listOf(parseText),
});

export const parseMemo: Parser<BulkOperationMemo> = objectOf({
  order: parseInput,
  progress: parseProgress,
  processedUsers: listOf(parseText),
});

const parseOutcome: Parser<UserOutcome> = objectOf(
  { userId: parseText, outcome: oneOf(operationOutcomes), until: orNull(parseText), why: orNull(parseText) },
  { webhook: objectOf({ id: parseText, revision: parseNumber }) },
);

export const bulkOperationRequests: ActivityRequests<BulkOperationActivities> = {
  listUsers: objectOf(
    { filter: parseJourneyFilter, page: parseNumber, cursor: orNull(parseText) },
    {
      after: objectOf({ dryRunId: parseText, listedIn: listOf(parseText) }),
      webhooks: objectOf({ asOf: parseNumber }, undeliveredFields),
    },
  ),
  sendBatch: objectOf(
    { ...command, runId: parseText, page: parseNumber, from: parseNumber, to: parseNumber },
    { policy: parseAdoptablePolicy },
  ),
};

export const bulkOperationResults: ActivityResults<BulkOperationActivities> = {
  listUsers: objectOf(
    { users: listOf(parseText), next: orNull(parseText) },
    { webhooks: listOf(parseText), skipped: recordOf(oneOf(['notInDryRun', 'noLongerMatches'])) },
  ),
  sendBatch: listOf(parseOutcome),
};
