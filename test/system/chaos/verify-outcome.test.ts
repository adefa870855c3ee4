import { describe, expect, it } from '@jest/globals';
import { verifyOutcome } from './verify-outcome.ts';
import type { UserOutcome, RunRecord } from './verify-outcome.ts';
import { disruptionKinds } from './failures.ts';
import type { Disruption, DisruptionKind } from './failures.ts';
import type { Channel, RequestRecord } from '../../../sandbox/sfox/index.ts';

const at = (seconds: number) => new Date(1_000 * seconds).toISOString();
const request = (
  call: RequestRecord['call'],
  channel: Channel | null,
  seconds: number,
  more: Partial<RequestRecord> = {},
): RequestRecord => ({
  at: at(seconds),
  method: 'POST',
  call,
  userId: 'ada',
  channel,
  status: 200,
  fault: null,
  verified: [],
  ...more,
});
const email = { verified: ['email'] } as const;
const sendEmail = request('send', 'email', 1);
const confirmEmail = request('confirm', 'email', 2, email);
const sendSms = request('send', 'sms', 3, email);
const confirmSms = request('confirm', 'sms', 4, { verified: ['email', 'sms'] });
const unknownEmail = request('send', 'email', 0, { status: 500, fault: 'status 500' });
const requests = [unknownEmail, sendEmail, confirmEmail, sendSms, confirmSms];

const channel = (sends: number) => ({ sends }) as NonNullable<UserOutcome['status']>['email'];
const status = { state: 'done', step: null, email: channel(2), sms: channel(1) } as NonNullable<UserOutcome['status']>;
const unknownSend = {
  at: at(0),
  what: 'It is unknown whether the e-mail code was sent: HTTP 500',
  by: null,
  reason: null,
};
const ada: UserOutcome = {
  userId: 'ada',
  behaviour: { name: 'honest', isFinal: ({ state }) => state === 'done' },
  signUpResults: ['started', 'existing'],
  status,
  timeline: [unknownSend],
};
const disruption = (what: DisruptionKind, from = 100): Disruption => ({ kind: what, from: at(from), to: at(from + 1) });
const record: RunRecord = {
  log: requests,
  outcomes: [ada],
  disruptions: disruptionKinds.map((kind) => disruption(kind)),
  maxSends: 2,
};
const violations = (change: Partial<RunRecord>) => verifyOutcome({ ...record, ...change });
const outcome = (change: Partial<UserOutcome>) => ({ outcomes: [{ ...ada, ...change }] });

describe('the check of a chaos run', () => {
  it('returns nothing if every outcome is as expected', () => {
    expect(verifyOutcome(record)).toEqual([]);
  });

  it.each<[string, Partial<RunRecord>, RegExp]>([
    ['a sign-up without a journey', outcome({ status: null }), /ada has no journey/],
    [
      'a journey in a status that is not final for its behaviour',
      outcome({ status: { ...status, state: 'smsPending', step: 'stalled' } }),
      /is smsPending.stalled/,
    ],
    ['a journey that was started twice', outcome({ signUpResults: ['started', 'started'] }), /started 2 times/],
    ['a sign-up that was ignored', outcome({ signUpResults: ['ignored'] }), /ignored/],
    [
      'a text before the e-mail was verified',
      { log: [unknownEmail, sendEmail, sendSms, confirmEmail] },
      /before the e-mail/,
    ],
    [
      'a text after the reply that the e-mail is verified was lost',
      { log: [unknownEmail, sendEmail, { ...confirmEmail, status: 'reset-after', fault: 'reset-after' }, sendSms] },
      /before the e-mail/,
    ],
    [
      'a send to a verified channel',
      { log: [...requests, request('send', 'email', 5, { ...email, status: 422 })], maxSends: 9 },
      /when it was verified/,
    ],
    ['more sends than the limit', { maxSends: 1 }, /sent 2 codes by e-mail in ten minutes, not 1/],
    [
      'a send that is missing from the ledger',
      outcome({ status: { ...status, sms: channel(0) } }),
      /the ledger counts 0/,
    ],
    ['an unknown outcome that is missing from the timeline', outcome({ timeline: [] }), /0 unknown outcomes by e-mail/],
    [
      'lost sends without a killed worker or server',
      { ...outcome({ status: { ...status, sms: channel(2) } }), disruptions: [disruption('gateway')] },
      /1 sends that did not reach the provider/,
    ],
    [
      'a run in which the server was not disrupted',
      { disruptions: record.disruptions.filter(({ kind }) => kind !== 'server') },
      /the server was never disrupted/,
    ],
    [
      'a run in which the provider had no fault',
      { log: requests.map((one) => ({ ...one, status: 200 as const, fault: null })) },
      /no fault/,
    ],
  ])('reports %s', (_, change, violation) => {
    expect(violations(change)).toContainEqual(expect.stringMatching(violation));
  });

  it('accepts a repeated send and an unknown outcome that a killed worker explains', () => {
    const late = request('send', 'email', 5, { ...email, status: 422 });
    expect(
      violations({ log: [...requests, late], disruptions: [...record.disruptions, disruption('worker', 3)] }),
    ).toEqual([]);
    expect(violations(outcome({ status: { ...status, sms: channel(2) } }))).toEqual([]);
  });

  it('accepts one repeated send for each reply that came too late for the journey', () => {
    const second = request('send', 'email', 5, { ...email, status: 422 });
    const third = { ...second, at: at(6) };
    const lateCheck = { ...unknownSend, what: 'It is unknown whether the e-mail code was accepted: timeout' };
    const timeline = [unknownSend, lateCheck];
    expect(violations({ ...outcome({ timeline }), log: [...requests, second] })).toEqual([]);
    expect(violations({ ...outcome({ timeline }), log: [...requests, second, third] })).toEqual([
      expect.stringMatching(/when it was verified/),
    ]);
    expect(violations({ ...outcome({ timeline: [unknownSend, unknownSend] }), log: [...requests, second] })).toEqual(
      [],
    );
  });
});
