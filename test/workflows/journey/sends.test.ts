import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import { awaiting, recheck, record, refused, resend, retry, right, sendingTo, sent, Story, submit } from './support.ts';
import { MORNING, override, pause, resume, unknown, unreached } from './support.ts';
import type { TestEvent } from './support.ts';

describe('the cool-down', () => {
  it.each([
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 300],
  ])('after send %i is %i seconds', (sends, seconds) => {
    const story = awaiting('email', { policy: { sends: { per10Minutes: 9, perDay: 9 } } });
    for (let nth = 1; nth < sends; nth += 1) story.advance(5 * MINUTE).send(resend(), sent);
    const opensAt = new Date(story.clock + seconds * SECOND).toISOString();
    expect(story.allowed.resend).toEqual({ at: opensAt });
    story.advance((seconds - 2) * SECOND);
    expect(story.can(resend())).toBe(false);
    story.advance(2 * SECOND);
    expect(story.can(resend())).toBe(true);
  });

  it('is not begun by what was not sent', () => {
    const story = sendingTo('email').send(refused, retry);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('is waited for by a send that is due', () => {
    const story = awaiting()
      .advance(31 * SECOND)
      .send(resend(), unreached, retry, sent);
    expect(story.ledger).toEqual(['email sent first', 'email sent retry']);
    const due = sendingTo('email')
      .send(unknown)
      .advance(10 * MINUTE - 2 * SECOND);
    expect(due.position).toBe('emailPending.awaitingCode');
  });
});

describe('the budget of all journeys', () => {
  const policy = { automaticSends: { notAfter: DAY, quietHours: null } };
  const overBudget = (until: number): TestEvent => ({ type: 'send.overBudget', detail: 'spent', until });

  it('stalls a send until it leaves room again, and then sends automatically', () => {
    const until = MORNING + 20 * MINUTE;
    const story = sendingTo('email').send(overBudget(until));
    expect(story.position).toBe('emailPending.stalled');
    expect(story.status.stalled).toMatchObject({
      reason: 'sendBudget',
      detail: 'spent',
      nextRetryAt: new Date(until).toISOString(),
    });
    expect(story.ledger).toEqual(['email notSent first']);
    expect(story.status.email?.sends).toBe(0);
    story.advance(19 * MINUTE);
    expect(story.effects).toEqual([]);
    story.advance(2 * MINUTE);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    story.send(sent);
    expect(story.ledger).toEqual(['email sent first']);
  });

  it('keeps the code that was sent before, and waits again if the budget of the next hour is used up too', () => {
    const story = awaiting('sms', { policy })
      .advance(HOUR)
      .send(resend('sms'), overBudget(MORNING + 2 * HOUR));
    expect(story.can(submit('sms'))).toBe(true);
    story.advance(HOUR).send(overBudget(MORNING + 3 * HOUR));
    expect(story.status.stalled?.nextRetryAt).toBe(new Date(MORNING + 3 * HOUR).toISOString());
    story.send(submit('sms'), right);
    expect(story.position).toBe('done');
  });

  it('delays a send while the journey is paused', () => {
    const story = sendingTo('email', { policy }).send(pause, overBudget(MORNING + HOUR));
    expect(story.position).toBe('emailPending.paused');
    story.advance(2 * HOUR).send(resume);
    expect(story.position).toBe('emailPending.stalled');
    story.advance(SECOND);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
  });
});

describe('the send limit', () => {
  const policy = { cooldowns: [0], sends: { per10Minutes: 2, perDay: 3 } };

  it('refuses a resend until there is room', () => {
    const story = awaiting('email', { policy }).send(resend(), sent);
    expect(story.can(resend())).toBe(false);
    const first = story.context.ledger[0]?.at ?? 0;
    expect(story.allowed.resend).toEqual({ at: new Date(first + 10 * MINUTE).toISOString() });
    expect(story.advance(10 * MINUTE).can(resend())).toBe(true);
  });

  it('stalls a due send, says when it continues, and continues automatically', () => {
    const story = awaiting('email', {
      policy: {
        ...policy,
        sends: { per10Minutes: 9, perDay: 1 },
        reminderAfter: HOUR,
        automaticSends: { notAfter: 2 * DAY, quietHours: null },
      },
    });
    const first = story.context.ledger[0]?.at ?? 0;
    story.advance(2 * HOUR);
    expect(story.position).toBe('emailPending.stalled');
    const nextRetryAt = new Date(first + DAY).toISOString();
    expect(story.status.stalled).toMatchObject({ reason: 'sendLimit', nextRetryAt });
    expect(story.allowed.retry).toEqual({ at: nextRetryAt });
    expect(story.can(retry)).toBe(false);
    expect(story.can(submit())).toBe(true);
    story.advance(22 * HOUR);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    expect(story.send(sent).ledger).toEqual(['email sent first', 'email sent reminder']);
  });

  it('counts an unknown outcome, and nothing that was not sent', () => {
    const story = sendingTo('email', { policy }).send(unreached, retry, refused, retry, unknown);
    expect(story.status.email?.sends).toBe(1);
  });
});

describe('a send whose outcome is unknown', () => {
  it('is followed by one resend after the life of a code', () => {
    const story = sendingTo('email').send(unknown);
    story.advance(10 * MINUTE - SECOND);
    expect(story.position).toBe('emailPending.awaitingCode');
    story.advance(SECOND);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    expect(story.send(sent).ledger).toEqual(['email unknown first', 'email sent automatic']);
    expect(story.advance(20 * MINUTE).position).toBe('emailPending.awaitingCode');
  });

  it('stalls if the second is unknown too, and still accepts a code', () => {
    const story = sendingTo('email')
      .send(unknown)
      .advance(10 * MINUTE)
      .send(unknown);
    expect(story.position).toBe('emailPending.stalled');
    expect(story.status.stalled?.reason).toBe('providerUnavailable');
    expect(story.allowed.submitCode).toEqual({ channel: 'email' });
    expect(story.send(submit(), right).position).toBe('smsPending.sending');
  });

  it('goes back to its stall after a wrong code', () => {
    const story = sendingTo('email')
      .send(unknown)
      .advance(10 * MINUTE)
      .send(unknown, submit(), { type: 'code.incorrect' });
    expect(story.position).toBe('emailPending.stalled');
    expect(story.status.stalled?.reason).toBe('providerUnavailable');
  });

  it('begins the cool-down', () => {
    expect(sendingTo('email').send(unknown).can(resend())).toBe(false);
  });
});

describe('a request to send', () => {
  it('is one entry of the ledger, however often it does not reach the provider', () => {
    const story = sendingTo('email').send(unreached, retry, unreached, retry, sent);
    expect(story.context.ledger).toMatchObject([{ number: 1, outcome: 'sent' }]);
  });

  it('that was refused is done with: the next is another', () => {
    const story = sendingTo('email').send(refused, retry, sent);
    expect(story.context.ledger).toMatchObject([
      { number: 1, outcome: 'notSent', reason: 'said so' },
      { number: 2, outcome: 'sent', why: 'retry' },
    ]);
  });

  it.each([
    ['an override', [override()]],
    ['the record', [recheck, record('verified')]],
  ])('of a channel that %s verifies stays in the ledger as it is', (_, verifying) => {
    const story = sendingTo('email').send(unreached, retry, unreached, ...verifying);
    if (story.effects[0]?.type === 'readUser') story.send(record('verified'));
    story.send(sent);
    expect(story.ledger).toEqual(['email notSent retry', 'sms sent first']);
  });

  it('of one channel does not take the automatic resend from the next', () => {
    const story = sendingTo('email').send(unreached, retry, unreached, recheck, record('verified'), unknown);
    expect(story.position).toBe('smsPending.awaitingCode');
  });
});

describe('a reminder', () => {
  it('goes out once a channel after a day of silence', () => {
    const story = awaiting().advance(DAY);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    story.send(sent).advance(3 * DAY);
    expect(story.ledger).toEqual(['email sent first', 'email sent reminder']);
    story.send(submit(), right, sent).advance(DAY).send(sent);
    expect(story.ledger.slice(2)).toEqual(['sms sent first', 'sms sent reminder']);
  });

  it('counts the silence from the last word', () => {
    const story = awaiting()
      .advance(23 * HOUR)
      .send(submit(), { type: 'code.incorrect' })
      .advance(23 * HOUR);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.advance(HOUR).position).toBe('emailPending.sending');
  });
});

describe('the life of a journey', () => {
  it('ends it as expired', () => {
    const story = awaiting();
    story
      .advance(DAY)
      .send(sent)
      .advance(7 * DAY);
    expect(story.position).toBe('expired');
    expect(story.status.expiresAt).toBeNull();
  });

  it('is suspended while stalled', () => {
    const story = sendingTo('email')
      .send(unreached)
      .advance(30 * DAY);
    expect(story.position).toBe('emailPending.stalled');
    expect(story.status.expiresAt).toBeNull();
    story.send(retry, sent);
    const left = story.context.expiresAt - story.clock;
    expect(left).toBeGreaterThan(7 * DAY - MINUTE);
    expect(left).toBeLessThanOrEqual(7 * DAY);
  });

  it('is suspended while paused', () => {
    const story = awaiting()
      .send({ type: 'pause' })
      .advance(30 * DAY);
    expect(story.position).toBe('emailPending.paused');
    story.send({ type: 'resume' });
    expect(story.context.expiresAt - story.clock).toBeGreaterThan(7 * DAY - MINUTE);
  });

  it('continues once from a stall that a code ended', () => {
    const story = sendingTo('email')
      .send(unknown)
      .advance(10 * MINUTE)
      .send(unknown)
      .advance(DAY)
      .send(submit(), right);
    expect(story.context.expirySuspendedSince).toBeNull();
    expect(story.context.expiresAt).toBe(story.context.startedAt + 8 * DAY + 2 * SECOND);
  });

  it('expires if the first text is never requested', () => {
    const story = awaiting('email', { policy: { smsStart: 'onRequest' } }).send(submit(), right);
    expect(story.position).toBe('emailVerified');
    expect(story.advance(7 * DAY).position).toBe('expired');
  });

  it('has no bearing on a journey that is over', () => {
    const story = new Story({ accountType: 'business' }).send(sent, submit(), right);
    expect(story.advance(30 * DAY).position).toBe('done');
    expect(story.journey.timers).toEqual([]);
  });
});
