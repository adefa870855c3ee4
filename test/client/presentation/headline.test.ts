import { describe, expect, it } from '@jest/globals';
import { headlineOf } from '../../../client/presentation/headline.ts';
import type { HeadlineStatus } from '../../../client/presentation/headline.ts';
import { states } from '../../../workflows/journey/states.ts';
import { steps } from '../../../workflows/journey/context.ts';
import { stallReasons } from '../../../workflows/journey/stall-reasons.ts';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const before = (seconds: number) => new Date(NOW - 1_000 * seconds).toISOString();

const sent = { outcome: 'sent', at: before(125), to: 'a•••@e•••' } as const;
const email = { status: 'pending', evidence: null, sends: 1, lastSend: sent, guessesLeft: 5 } as const;
const sms = { status: 'waiting', evidence: null, sends: 0, lastSend: null, guessesLeft: 5 } as const;
const waiting: HeadlineStatus = {
  userId: 'ada',
  state: 'emailPending',
  step: 'awaitingCode',
  live: true,
  updatedAt: before(125),
  stalled: null,
  offered: null,
  email,
  sms,
};
const verified = { ...email, status: 'verified', evidence: 'code' } as const;
const phone = { ...waiting, state: 'smsPending', email: verified } as const;
const headline = (changed: Partial<HeadlineStatus>) => headlineOf({ ...waiting, ...changed }, NOW);

describe('the headline', () => {
  it('names the user, the code, when it was sent, and the masked recipient', () => {
    expect(headline({})).toBe('Waiting for ada to enter the e-mail code sent 2 minutes ago to a•••@e•••');
    const lastSend = { outcome: 'sent', at: before(3_600), to: '•••44' } as const;
    expect(headline({ ...phone, sms: { ...sms, status: 'pending', lastSend } })).toBe(
      'Waiting for ada to enter the SMS code sent 1 hour ago to •••44',
    );
  });

  it.each([
    [{ ...sent, outcome: 'unknown', to: null }, ' that may have been sent 2 minutes ago'],
    [{ ...sent, outcome: 'notSent', to: null }, '; the last request for one 2 minutes ago sent none'],
    [null, ' that the provider sends at sign-up'],
  ] as const)('does not say that a code was sent where this is not known: %j', (lastSend, rest) => {
    expect(headline({ email: { ...email, lastSend } })).toBe(`Waiting for ada to enter the e-mail code${rest}`);
  });

  it('says that an offered code waits for the user', () => {
    expect(headline({ offered: { channel: 'email', since: before(7_300) } })).toBe(
      'Waiting for ada to come back: the e-mail code has been due for 2 hours and is sent at their next visit',
    );
  });

  it('says why a journey is stalled, since when, and when it is retried', () => {
    const nextRetryAt = new Date(NOW + 301_000).toISOString();
    const stalled = { reason: 'providerUnavailable', since: before(90_000), detail: '503', nextRetryAt } as const;
    expect(headline({ step: 'stalled', stalled })).toBe(
      'Stalled for 1 day: no e-mail code can be sent to ada, because the provider gives no usable reply; next retry in 5 minutes',
    );
    expect(headline({ step: 'stalled', stalled: { ...stalled, reason: 'unknownUser', nextRetryAt: null } })).toBe(
      'Stalled for 1 day: no e-mail code can be sent to ada, because the provider does not know ada yet',
    );
  });

  it.each([
    [{ step: 'sending' }, 'Sending ada the e-mail code'],
    [{ ...phone, step: 'sending', sms: { ...sms, status: 'pending' } }, 'Sending ada the SMS code'],
    [{ step: 'checkingCode' }, 'Checking the e-mail code that ada entered'],
    [{ step: 'paused' }, 'Paused: nothing happens to ada until an operator resumes the journey'],
    [{ step: 'locked' }, 'Locked: ada has used all guesses for the e-mail code, and an operator can unlock it'],
  ] as const)('says what happens in each step: %j', (changed, sentence) => {
    expect(headline(changed)).toBe(sentence);
  });

  it.each([
    [{ state: 'done', email: verified, sms: verified }, 'ada was verified 2 minutes ago, by e-mail and phone'],
    [{ state: 'expired' }, 'The journey of ada expired 2 minutes ago before the e-mail was verified'],
    [{ state: 'cancelled' }, 'The journey of ada was cancelled 2 minutes ago'],
    [{ state: 'cancelled', updatedAt: null, email: null, sms: null }, 'The journey of ada was cancelled'],
  ] as const)('says how a journey ended: %j', (changed, sentence) => {
    expect(headline({ ...changed, step: null })).toBe(sentence);
  });

  it('says what is not known while no worker answers', () => {
    const unknown = { live: false, email: null, sms: null };
    expect(headline({ ...unknown, step: null })).toBe('No worker answers, so what ada waits for is not known');
    expect(headline({ ...unknown, step: 'locked' })).toBe(
      'Locked: ada has used all guesses for the code, and an operator can unlock it',
    );
  });

  it('is a sentence without a period or gap in every position', () => {
    const stalls = [...stallReasons, null].map((reason) =>
      reason === null ? null : { reason, since: before(5), detail: null, nextRetryAt: null },
    );
    const all = states.flatMap((state) =>
      [...steps, null].flatMap((step) =>
        stalls.flatMap((stalled) =>
          [email, null].map((channel) => headline({ state, step, stalled, email: channel, sms: channel })),
        ),
      ),
    );
    expect(
      all.filter((sentence) => !/^\S+( \S+)+[^.\s]$/.test(sentence) || /undefined|null|NaN/.test(sentence)),
    ).toEqual([]);
  });

  it('takes a time of a clock that is ahead as now', () => {
    expect(headline({ email: { ...email, lastSend: { ...sent, at: before(-20) } } })).toContain('sent just now to');
  });
});
