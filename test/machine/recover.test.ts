import { describe, expect, it } from '@jest/globals';
import { forecast } from '../../workflows/forecast.ts';
import { DAY, MINUTE, SECOND } from '../../workflows/policy.ts';
import { awaiting, override, pause, record, refused, resume, sendingTo, sent, submit } from './support.ts';
import { retry, unknown, unreached, wrong } from './support.ts';
import type { Story, Told } from './support.ts';

const recover: Told = { type: 'recover' };
const detail = 'said so';
/** A journey whose automatic resend is due, and has no room under the limit. */
function overLimit(): Story {
  const story = sendingTo('email', { policy: { sends: { per10Minutes: 5, perDay: 1 } } }).tell(unknown);
  story.pass(10 * MINUTE);
  expect(story.status.stalled?.reason).toBe('sendLimit');
  return story;
}

const stalledBy = (answer: Told) => sendingTo('email').tell(answer);

describe('a try of recovery', () => {
  it.each([unreached, { type: 'sendRateLimited', detail }, { type: 'sendCredentials', detail }] as Told[])(
    'is taken by a journey that is stalled by $type, which shows stalled until the provider has judged',
    (answer) => {
      const story = stalledBy(answer);
      const { stalled } = story.status;
      story.pass(MINUTE).tell(recover);
      expect(story.effects).toEqual([{ type: 'send', channel: 'email', once: true }]);
      expect(story.place).toBe('emailPending.stalled');
      expect(story.status).toMatchObject({ stalled, expiresAt: null, allowed: {} });
      expect(story.tell(sent).place).toBe('emailPending.awaitingCode');
      expect(story.status.stalled).toBeNull();
      expect(story.ledger).toEqual(['email sent retry']);
    },
  );

  it('changes nothing where the provider does not judge it, neither since when it is stalled nor its life', () => {
    const story = stalledBy(unreached);
    const { since } = story.status.stalled ?? {};
    const { heldSince } = story.context;
    story.pass(DAY).tell(recover, unreached);
    expect(story.status).toMatchObject({ step: 'stalled', stalled: { reason: 'providerUnavailable', since } });
    expect(story.context.heldSince).toBe(heldSince);
    expect(story.ledger).toEqual(['email notSent retry']);
  });

  it('has a new reason where the provider gives one', () => {
    const story = stalledBy(unreached).tell(recover, refused);
    expect(story.status.stalled).toMatchObject({
      reason: 'providerRefused',
      since: new Date(story.clock).toISOString(),
    });
    expect(story.takes(recover)).toBe(false);
    expect(story.takes(retry)).toBe(true);
  });

  it('leads on where the provider says verified', () => {
    const story = stalledBy(unreached).tell(recover, { type: 'sendAlreadyVerified' });
    expect(story.place).toBe('smsPending.sending');
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('may have sent a code, which its user may enter', () => {
    const story = stalledBy(unreached).tell(recover, unknown);
    expect(story.place).toBe('emailPending.awaitingCode');
    expect(story.takes(submit())).toBe(true);
  });

  it('asks the record before a text where an operator said that the e-mail is verified', () => {
    const story = awaiting().tell(override()).tell({ type: 'recordUnread', detail }).tell(recover);
    expect(story.place).toBe('smsPending.stalled');
    expect(story.effects).toEqual([{ type: 'readUser' }]);
    expect(story.tell(record('verified')).effects).toEqual([{ type: 'send', channel: 'sms', once: true }]);
    expect(story.tell(sent).place).toBe('smsPending.awaitingCode');
  });

  it('is not taken in the cool-down of a code that may have gone out', () => {
    const story = sendingTo('email', { policy: { cooldowns: [5 * MINUTE] } }).tell(unknown);
    story.pass(10 * MINUTE).tell(unknown);
    expect(story.place).toBe('emailPending.stalled');
    expect(story.takes(recover)).toBe(false);
    expect(story.pass(5 * MINUTE).takes(recover)).toBe(true);
  });

  it.each([
    ['paused', () => stalledBy(unreached).tell(pause)],
    ['refused', () => stalledBy(refused)],
    ['awaiting a code', () => awaiting()],
    ['sending', () => sendingTo('email')],
    ['locked', () => awaiting('email', { policy: { guesses: { perCode: 1, perChannel: 1 } } }).tell(submit(), wrong)],
    ['over its limit of sends', overLimit],
  ])('is not taken by a journey that is %s', (_, story) => {
    expect(story().takes(recover)).toBe(false);
  });
});

describe('a forecast', () => {
  const of = (story: Story, told: Told) =>
    forecast(story.journey, {
      by: { role: 'operator', name: 'night' },
      reason: null,
      ...told,
      at: story.clock,
    } as Parameters<typeof forecast>[1]);
  const resend: Told = { type: 'resend', channel: 'email' };

  it('changes nothing', () => {
    const story = stalledBy(unreached);
    const { journey } = story;
    expect(of(story, retry)).toEqual({ outcome: 'sends', until: null, why: null });
    expect(story.journey).toBe(journey);
    expect(story.place).toBe('emailPending.stalled');
  });

  it('names the time where a cool-down is in the way', () => {
    const story = awaiting('email', { policy: { cooldowns: [MINUTE] } });
    const until = new Date(story.clock + MINUTE).toISOString();
    expect(of(story, resend)).toEqual({ outcome: 'overLimit', until, why: null });
    expect(of(story.pass(MINUTE), resend)).toMatchObject({ outcome: 'sends' });
  });

  it('names the time where a journey is over its limit of sends', () => {
    const story = overLimit();
    const until = story.status.stalled?.nextRetryAt;
    expect(of(story, retry)).toEqual({ outcome: 'overLimit', until, why: null });
    expect(of(story, { type: 'recheck' })).toMatchObject({ outcome: 'taken' });
    expect(of(story.tell(pause), resume)).toEqual({ outcome: 'overLimit', until, why: null });
  });

  it('says why it is not allowed, also that a code went out since', () => {
    const story = awaiting('email', { policy: { cooldowns: [0] } });
    expect(of(story, retry)).toMatchObject({
      outcome: 'notNow',
      why: 'retry is not allowed in emailPending.awaitingCode',
    });
    expect(of(story, { ...resend, asOf: story.clock - SECOND })).toMatchObject({
      outcome: 'notNow',
      why: 'a code has been sent since this was asked for',
    });
    expect(of(story, { ...resend, asOf: story.clock })).toMatchObject({ outcome: 'sends' });
  });

  it.each([pause, { type: 'cancel' }, { type: 'recheck' }] as Told[])('of $type is that it is carried out', (told) => {
    expect(of(awaiting(), told)).toMatchObject({ outcome: 'taken' });
  });

  it('of what stops a send is no send', () => {
    expect(of(sendingTo('email'), pause)).toMatchObject({ outcome: 'taken' });
    expect(of(sendingTo('email'), { type: 'cancel' })).toMatchObject({ outcome: 'taken' });
  });
});
