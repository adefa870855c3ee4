import { describe, expect, it } from '@jest/globals';
import { judge } from '../../sandbox/chaos/judge.ts';
import type { Ending, Facts } from '../../sandbox/chaos/judge.ts';
import { upsets } from '../../sandbox/chaos/storm.ts';
import type { Hit, Upset } from '../../sandbox/chaos/storm.ts';
import type { Channel, RequestRecord } from '../../sandbox/sfox/index.ts';

const at = (seconds: number) => new Date(1_000 * seconds).toISOString();
const asked = (
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
const sendEmail = asked('send', 'email', 1);
const confirmEmail = asked('confirm', 'email', 2, email);
const sendSms = asked('send', 'sms', 3, email);
const confirmSms = asked('confirm', 'sms', 4, { verified: ['email', 'sms'] });
const unknownEmail = asked('send', 'email', 0, { status: 500, fault: 'status 500' });
const good = [unknownEmail, sendEmail, confirmEmail, sendSms, confirmSms];

const channel = (sends: number) => ({ sends }) as NonNullable<Ending['status']>['email'];
const status = { state: 'done', step: null, email: channel(2), sms: channel(1) } as NonNullable<Ending['status']>;
const unsure = { at: at(0), what: 'Nobody knows whether an e-mail code was sent: HTTP 500', by: null, reason: null };
const ada: Ending = {
  userId: 'ada',
  role: { name: 'honest', ends: ({ state }) => state === 'done' },
  answers: ['started', 'existing'],
  status,
  timeline: [unsure],
};
const hit = (what: Upset, from = 100): Hit => ({ what, from: at(from), to: at(from + 1) });
const facts: Facts = { log: good, endings: [ada], hits: upsets.map((what) => hit(what)), limit: 2 };
const complaints = (change: Partial<Facts>) => judge({ ...facts, ...change });
const ending = (change: Partial<Ending>) => ({ endings: [{ ...ada, ...change }] });

describe('the judge of chaos', () => {
  it('finds nothing wrong where all is as it must be', () => {
    expect(judge(facts)).toEqual([]);
  });

  it.each<[string, Partial<Facts>, RegExp]>([
    ['a sign-up without a journey', ending({ status: null }), /ada has no journey/],
    [
      'a journey elsewhere',
      ending({ status: { ...status, state: 'smsPending', step: 'stalled' } }),
      /is smsPending.stalled/,
    ],
    ['a journey that was started twice', ending({ answers: ['started', 'started'] }), /started 2 times/],
    ['a sign-up that was ignored', ending({ answers: ['ignored'] }), /ignored/],
    [
      'a text before the e-mail was verified',
      { log: [unknownEmail, sendEmail, sendSms, confirmEmail] },
      /before the e-mail/,
    ],
    [
      'a text though the answer about the e-mail was lost',
      { log: [unknownEmail, sendEmail, { ...confirmEmail, status: 'reset-after', fault: 'reset-after' }, sendSms] },
      /before the e-mail/,
    ],
    [
      'a send to a verified channel',
      { log: [...good, asked('send', 'email', 5, { ...email, status: 422 })], limit: 9 },
      /when it was verified/,
    ],
    ['a send too many', { limit: 1 }, /sent 2 codes by e-mail in ten minutes, not 1/],
    ['a send that the ledger missed', ending({ status: { ...status, sms: channel(0) } }), /the ledger counts 0/],
    ['an unknown outcome that the ledger missed', ending({ timeline: [] }), /0 unknown outcomes by e-mail/],
    [
      'sends that nothing accounts for',
      { ...ending({ status: { ...status, sms: channel(2) } }), hits: [hit('gateway')] },
      /1 sends that the provider has never seen/,
    ],
    [
      'a storm that spared the server',
      { hits: facts.hits.filter(({ what }) => what !== 'server') },
      /the server was never hit/,
    ],
    [
      'a provider without faults',
      { log: good.map((one) => ({ ...one, status: 200 as const, fault: null })) },
      /no fault/,
    ],
  ])('complains of %s', (_, change, complaint) => {
    expect(complaints(change)).toContainEqual(expect.stringMatching(complaint));
  });

  it('forgives a send after an answer that went down with the worker, and what a killed worker took along', () => {
    const late = asked('send', 'email', 5, { ...email, status: 422 });
    expect(complaints({ log: [...good, late], hits: [...facts.hits, hit('worker', 3)] })).toEqual([]);
    expect(complaints(ending({ status: { ...status, sms: channel(2) } }))).toEqual([]);
  });
});
