import { describe, expect, it } from '@jest/globals';
import { parseConfirmRequest, parseReadRequest, parseSendRequest } from '../../activities/parse-requests.ts';
import { parseStatusToDeliver } from '../../client/journeys/closed-journey.ts';
import { parseStoredHealth } from '../../workflows/provider-health/parse.ts';
import { recordAttempts } from '../../workflows/provider-health/counters.ts';
import { recordHour } from '../../workflows/provider-health/hours.ts';
import { noCodes } from '../../workflows/provider-health/code-counts.ts';
import * as operations from '../../workflows/bulk-operation/parse.ts';
import * as operationStates from '../../workflows/bulk-operation/state.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { adoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import { parseSuccessor } from '../../workflows/journey/stored/parse-start.ts';
import {
  parseConfirmReply,
  parseRecordReply,
  parseSendReply,
  parseUserRecord,
} from '../../workflows/journey/stored/parse-replies.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import { startJourney } from '../../workflows/journey/transition.ts';
import * as reconciliations from '../../workflows/reconciliation/parse.ts';
import * as reconciliationStates from '../../workflows/reconciliation/state.ts';
import * as recoveries from '../../workflows/recovery/parse.ts';
import * as recoveryStates from '../../workflows/recovery/state.ts';
import * as deliveries from '../../workflows/webhook-delivery/parse.ts';
import * as whatIfs from '../../workflows/what-if/parse.ts';
import * as whatIfStates from '../../workflows/what-if/state.ts';

const at = '2026-01-05T09:00:00.000Z';
const by = { role: 'operator', name: 'night' } as const;
const act = { at, by, reason: 'now' };
const sizes = { page: 200, pages: 10, batches: 20 };
const policy = adoptablePolicy(defaultPolicy, true);

const operation = {
  id: '1',
  command: 'adoptPolicy',
  document: {},
  policy,
  filter: {
    state: 'emailPending',
    step: 'stalled',
    reason: 'rateLimited',
    accountType: 'individual',
    userIds: ['ada'],
  },
  expected: 1,
  perSecond: 2,
  dryRun: false,
  dryRunId: null,
  by,
  reason: 'a new policy',
  at,
  asOf: 1,
  fingerprint: 'f',
  sizes,
  approval: { above: 100, until: at, personId: 'p' },
};
const awaitingApproval = operationStates.initialProgress(operation, at);
const operationState = {
  ...awaitingApproval,
  progress: { ...awaitingApproval.progress, decision: { decision: 'approved', at, by, reason: 'seen' } },
  pages: [{ runId: 'r', page: 0, users: 3 }],
  processedUsers: ['r'],
};
const reconciliation = {
  id: '1',
  graceFor: 1,
  perSecond: 2,
  dryRun: true,
  by,
  reason: 'check',
  at,
  fingerprint: 'f',
  sizes,
};
const reconciliationState = { ...reconciliationStates.initialState(at), pages: [{ runId: 'r', page: 0, items: 3 }] };
const whatIfOrder = {
  id: '1',
  document: {},
  policies: [{ key: 'codeLife', present: '10 minutes', whatIf: '5 minutes' }],
  filter: {},
  since: null,
  total: 3,
  by: 'night',
  at,
};
const whatIf = { ...whatIfOrder, policy, sizes: { page: 10, pages: 5 } };
const comparison = {
  userId: 'ada',
  result: 'differs',
  differences: ['moreSends'],
  refused: 'resend',
  undecidedFrom: at,
  cause: 'otherTimer',
  sends: { actual: 1, whatIf: 2 },
  events: { total: 5, compared: 5 },
  why: null,
};
const recovery = {
  perSecond: 5,
  upToPerSecond: 20,
  doubleEvery: 10,
  callTimeout: 1,
  slices: 150,
  acts: { paused: null, resumed: act, triggered: act },
};
const recoveryState = {
  ...recoveryStates.initialState(recoveries.parseInput(recovery, 'input'), { id: 'r', startedAt: at, last: undefined }),
  deprioritized: [{ userId: 'ada', duringOutage: true }],
  after: { since: at, userId: 'ada' },
};
const recoveryRun = {
  state: 'draining',
  startedAt: at,
  canary: 'ada',
  pace: 5,
  done: 1,
  notAnswered: 0,
  offered: 0,
  remaining: 2,
  outcome: null,
  triggered: act,
};
const attempts = {
  sends: 1,
  replies: { '2xx': 1 },
  users: { all: [7] },
  durations: [1],
  events: { 'send.email.sent': 1 },
  codes: { ...noCodes, email: 1 },
};
const health = {
  ...recordAttempts({ minutes: [], lastGoodAt: null }, attempts, 60_000),
  hours: recordHour([], attempts, 60_000),
};
const record = { email: 'verified', sms: null, provider: { status: 'PENDING', isSupported: true, open: ['sms'] } };

const delivery = { id: 'msg', timestamp: at, data: {} };
const request = { userId: 'ada', provider: null, timeout: 1 };
const batch = { id: '1', perSecond: 2, dryRun: false, reason: 'check', runId: 'r', page: 0, from: 0, to: 3 };
const journeyInput = { userId: 'ada', accountType: 'individual', policy: defaultPolicy, at: 1 } as const;
const status = statusOf(startJourney(journeyInput).journey);

const { operationMemo, reconciliationMemo, whatIfProgress } = {
  operationMemo: { order: operation, progress: operationState.progress, processedUsers: ['r'] },
  reconciliationMemo: { order: reconciliation, progress: reconciliationState.progress, processedIn: ['r'] },
  whatIfProgress: { progress: whatIfStates.initialState(at).progress, processedIn: ['r'] },
};

const stored: readonly (readonly [name: string, parse: Parser<unknown>, sample: unknown])[] = [
  ['the input of a bulk operation', operations.parseInput, operation],
  ['the state of a bulk operation', operations.parseState, operationState],
  ['the memo of a bulk operation', operations.parseMemo, operationMemo],
  [
    'a page of users',
    operations.bulkOperationResults.listUsers,
    { users: ['ada'], next: null, skipped: { ada: 'notInDryRun' } },
  ],
  [
    'the outcomes of a batch',
    operations.bulkOperationResults.sendBatch,
    [{ userId: 'ada', outcome: 'limited', until: at, why: null }],
  ],
  ['the input of a reconciliation', reconciliations.parseInput, reconciliation],
  ['the state of a reconciliation', reconciliations.parseState, reconciliationState],
  ['the memo of a reconciliation', reconciliations.parseMemo, reconciliationMemo],
  ['the settings of the Schedule of reconciliations', reconciliations.parseSettings, { graceFor: 1, perSecond: 2 }],
  [
    'a page of differences',
    reconciliations.reconciliationResults.findDifferences,
    {
      items: [{ userId: 'ada', difference: 'noJourney', accountType: 'business', notBefore: 1 }],
      waiting: 1,
      next: null,
      users: 1,
      unreadable: 0,
    },
  ],
  [
    'the outcomes of a reconciliation',
    reconciliations.reconciliationResults.reconcileBatch,
    [{ userId: 'ada', difference: 'verified', outcome: 'rechecked', until: null, why: null }],
  ],
  ['the input of a what-if', whatIfs.parseInput, whatIf],
  ['the state of a what-if', whatIfs.parseState, whatIfStates.initialState(at)],
  ['the memo of a what-if', whatIfs.parseOrder, whatIfOrder],
  ['the memo with the progress of a what-if', whatIfs.parseProgressMemo, whatIfProgress],
  [
    'a page of comparisons',
    whatIfs.whatIfActivityResults.compareJourneys,
    { items: [comparison], counts: whatIfStates.noCounts, next: null },
  ],
  ['the input of recovery', recoveries.parseInput, recovery],
  ['the state of recovery', recoveries.parseState, recoveryState],
  ['the progress of recovery', recoveries.parseRun, recoveryRun],
  ['the result of recovery', recoveries.parseResult, { run: recoveryRun, deprioritized: [], revisitedAt: 1 }],
  [
    'a list of stalled journeys',
    recoveries.recoveryResults.listOldestStalled,
    { items: [{ since: at, userId: 'ada' }], remaining: 1 },
  ],
  ['the attempts of recovery', recoveries.recoveryResults.tryUsers, [{ userId: 'ada', verdict: 'rateLimited' }]],
  ["the provider's health", parseStoredHealth, health],
  ['the input of a webhook delivery', deliveries.parseInput, { delivery, schedule: [1], keys: ['k'] }],
  [
    'the progress of a webhook delivery',
    deliveries.parseProgress,
    { attempts: 1, lastAttemptAt: at, problem: '500', nextAttemptAt: null },
  ],
  ['the reply of a receiver', deliveries.parseReply, { type: 'failed', problem: '500', retryAfter: 5 }],
  ['the reply to a send', parseSendReply, { type: 'sent', to: null }],
  ['the reply to a code', parseConfirmReply, { type: 'wrong' }],
  ["the provider's record", parseUserRecord, record],
  ['the request for a code', parseSendRequest, { ...request, channel: 'sms', retryFor: 1, unknownUserFor: 2 }],
  ['the request to check a code', parseConfirmRequest, { ...request, channel: 'sms', code: '123456' }],
  ['the request for a record', parseReadRequest, { ...request, provider: 'https://provider.example' }],
  ['the request to deliver a status', deliveries.parseDelivery, delivery],
  ['the status to deliver', parseStatusToDeliver, status],
  [
    'the request to start a successor',
    parseSuccessor,
    {
      userId: 'ada',
      accountType: 'business',
      policy: defaultPolicy,
      provider: 'p',
      restarted: { by, reason: 'moved', supersedes: 'bea' },
    },
  ],
  [
    'the request for a page of users',
    operations.bulkOperationRequests.listUsers,
    { filter: operation.filter, page: 200, cursor: null, after: { dryRunId: '2', listedIn: ['r'] } },
  ],
  [
    'the request for a batch of commands',
    operations.bulkOperationRequests.sendBatch,
    { ...batch, command: 'adoptPolicy', policy, by, asOf: 1 },
  ],
  [
    'the request for a page of differences',
    reconciliations.reconciliationRequests.findDifferences,
    { after: null, most: 200, graceFor: 1, foundIn: ['r'] },
  ],
  ['the request to reconcile users', reconciliations.reconciliationRequests.reconcileBatch, batch],
  [
    'the request to start a reconciliation',
    reconciliations.reconciliationRequests.startScheduled,
    { graceFor: 1, perSecond: 2 },
  ],
  [
    'the request for a page of comparisons',
    whatIfs.whatIfRequests.compareJourneys,
    { policy, filter: {}, since: at, at, page: 10, cursor: null },
  ],
  [
    'the request to confirm a run of recovery',
    recoveries.recoveryRequests.confirmRun,
    { input: recovery, isTriggered: true },
  ],
  [
    'the request for stalled journeys',
    recoveries.recoveryRequests.listOldestStalled,
    {
      taskQueue: 'onboarding',
      after: { since: at, userId: 'ada' },
      before: at,
      most: 10,
      exclude: ['bea'],
      unknownUsers: true,
    },
  ],
  [
    'the request to attempt journeys',
    recoveries.recoveryRequests.tryUsers,
    { users: ['ada'], perSecond: 5, run: 'r', reason: 'the provider is back' },
  ],
];

/** The paths of all fields. A list counts as one field, and so does what its reader does not look into. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const inside = isObject ? Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name])) : [];
  return path.length === 0 ? inside : [path, ...inside];
}

/** The value with something at one place that is right nowhere: a list of lists. */
function broken(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return [[]];
  const fields = Object(value) as Readonly<Record<string, unknown>>;
  return { ...fields, [name]: broken(fields[name], rest) };
}

describe.each(stored)('%s', (_, parse, sample) => {
  const asStored: unknown = JSON.parse(JSON.stringify(sample));

  it('is read as it was stored', () => {
    expect(parse(asStored, 'stored')).toEqual(sample);
  });

  it('is refused by the name of the field that another release has written in another way', () => {
    for (const path of pathsIn(asStored)) {
      const read = () => parse(broken(asStored, path), 'stored');
      expect(read).toThrow(UnreadableValue);
      expect(read).toThrow(`\`stored.${path.join('.')}`);
    }
    expect(() => parse('something else', 'stored')).toThrow('`stored` must be');
  });
});

it('refuses a filter with a field that this release does not know, which would select other journeys', () => {
  const filtered = { ...operation, filter: { ...operation.filter, country: 'DE' } };
  expect(() => operations.parseInput(filtered, 'start')).toThrow('`start.filter.country` must be one of state');
});

it('reads counts of a release that knew fewer outcomes', () => {
  const outcomes = Object.fromEntries(
    Object.entries(operationState.progress.outcomes).filter(([outcome]) => outcome !== 'limited'),
  );
  const older = { ...operationState, progress: { ...operationState.progress, outcomes } };
  expect(operations.parseState(older, 'state').progress.outcomes).toEqual(operationState.progress.outcomes);
});

it('reads a record of a release that knew fewer channels, and refuses one without any', () => {
  expect(parseUserRecord({ email: 'open' }, 'result')).toEqual({ email: 'open', sms: null });
  expect(() => parseUserRecord({}, 'result')).toThrow('`result` must be a record that has email or sms');
});

it('reads a reply to a send that this release does not know as a refusal if it has a detail, and refuses any other', () => {
  const refusal = { type: 'postponed', detail: 'until tomorrow' };
  expect(parseSendReply(refusal, 'result')).toEqual(refusal);
  expect(() => parseSendReply({ type: 'postponed' }, 'result')).toThrow('`result.detail` must be a string');
  expect(() => parseConfirmReply({ type: 'late', detail: 'too late' }, 'result')).toThrow(
    '`result.type` must be one of',
  );
  expect(() => parseRecordReply({ type: 'record.lost', detail: '' }, 'reply')).toThrow('`reply.type` must be one of');
});

it('delivers a status as another release wrote it: a missing field is `null`, and a new one is passed on', () => {
  const older = Object.fromEntries(Object.entries(status).filter(([field]) => field !== 'stalled'));
  expect(parseStatusToDeliver(older, 'status')).toEqual(status);
  const newer = { ...status, voice: { status: 'waiting' } };
  expect(parseStatusToDeliver(newer, 'status')).toEqual(newer);
});
