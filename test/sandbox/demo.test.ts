import { describe, expect, it } from '@jest/globals';
import { verifyOutcome } from '../../sandbox/demo/verify-outcome.ts';
import { findDifferences } from '../../sandbox/demo/summary.ts';
import { drawMachine, longestPath } from '../../sandbox/demo/machine-diagram.ts';
import { scenarios, userIdOf } from '../../sandbox/demo/scenarios.ts';
import type { Scenario } from '../../sandbox/demo/scenarios.ts';
import { LABELS } from '../../sandbox/sfox/index.ts';
import type { RequestRecord } from '../../sandbox/sfox/index.ts';
import { states } from '../../workflows/journey/status/status.ts';
import { unknownFields } from '../../workflows/journey/status/status-schema.ts';
import type { ChannelStatus, Status } from '../../workflows/journey/status/status.ts';

const ada = scenarios.find(({ name }) => name === 'ada') as Scenario;

const byCode: ChannelStatus = {
  status: 'verified',
  evidence: 'code',
  sends: 1,
  lastSend: { outcome: 'sent', at: '2026-11-24T00:00:00.000Z', to: null },
  guessesLeft: 3,
};
const status: Status = {
  ...unknownFields,
  userId: 'ada',
  accountType: 'individual',
  state: 'done',
  step: null,
  revision: 7,
  live: true,
  startedAt: '2026-11-24T00:00:00.000Z',
  email: byCode,
  sms: byCode,
  allowed: {},
};

const request = (
  call: RequestRecord['call'],
  channel: RequestRecord['channel'],
  answered: RequestRecord['status'] = 200,
) => {
  return { at: '', method: 'POST', userId: 'ada', fault: null, verified: [], call, channel, status: answered };
};
const sendEmail = request('send', 'email');
const sendSms = request('send', 'sms');
const confirmEmail = request('confirm', 'email');
const confirmSms = request('confirm', 'sms');
const log = [sendEmail, confirmEmail, sendSms, confirmSms];

describe('the check of an outcome of the demo', () => {
  it('returns nothing if the outcome is as expected', () => {
    expect(verifyOutcome(ada, status, log)).toEqual([]);
  });

  const sms = (change: Partial<ChannelStatus>) => ({ ...status, sms: { ...byCode, ...change } });
  it.each<[string, Status | null, RequestRecord[], string]>([
    ['no journey', null, log, 'has no journey'],
    ['another state', { ...status, state: 'smsPending' }, log, 'is smsPending, not done'],
    ['another evidence', sms({ evidence: 'operator' }), log, 'sms: evidence is operator, not code'],
    ['another outcome', sms({ lastSend: null }), log, 'sms: last is null, not sent'],
    ['a send too many', sms({ sends: 2 }), [...log.slice(0, 3), sendSms, confirmSms], 'sms: sends is 2, not 1'],
    ['a send that the ledger missed', status, [sendEmail, ...log], 'email: the provider sent 2, the ledger counts 1'],
    [
      'a text before the e-mail was verified',
      status,
      [sendEmail, sendSms, confirmEmail, confirmSms],
      'sms: a send was requested before the e-mail was verified',
    ],
    [
      'a send to a verified channel',
      status,
      [...log, request('send', 'email', 422)],
      'email: a send was requested after it was verified',
    ],
    [
      'a text though no e-mail was verified',
      status,
      [sendEmail, sendSms, confirmSms],
      'sms: a send was requested before the e-mail was verified',
    ],
  ])('reports %s', (_, status, log, complaint) => {
    expect(verifyOutcome(ada, status, log)).toContain(complaint);
  });

  it('names the user, even if the outcome is as expected but the scenario failed', () => {
    const outcome = { story: ada, userId: 'ada', status, happened: [], failure: 'was still under way' };
    expect(findDifferences([outcome], log)).toEqual(['ada (two codes, both entered): was still under way']);
    expect(findDifferences([{ ...outcome, failure: null }], [])).toHaveLength(2);
  });
});

describe('the scenarios of the demo', () => {
  it('have distinct users, with labels of the simulator', () => {
    expect(new Set(scenarios.map((story) => userIdOf(story, 'run'))).size).toBe(scenarios.length);
    const labels = scenarios.flatMap(({ label }) => label ?? []);
    expect(Object.keys(LABELS)).toEqual(expect.arrayContaining(labels));
  });

  it('cover every final state', () => {
    expect(new Set(scenarios.map(({ expected: ends }) => ends.state))).toEqual(
      new Set(['done', 'cancelled', 'expired']),
    );
  });
});

describe('the diagram of the machine', () => {
  it('contains the longest path and every state', () => {
    expect(longestPath).toEqual(['emailPending', 'emailVerified', 'smsPending', 'done']);
    const drawn = drawMachine({ done: 3 });
    for (const state of states) expect(drawn).toContain(state);
    expect(drawn).toContain('done (3)');
  });
});
