import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../workflows/policy.ts';
import { awaiting, recheck, record, refused, resend, retry, right, sendingTo, sent, Story, submit } from './support.ts';
import { override, unknown, unreached } from './support.ts';

describe('the cool-down', () => {
  it.each([
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 300],
  ])('after send %i is %i seconds', (sends, seconds) => {
    const story = awaiting('email', { policy: { sends: { per10Minutes: 9, perDay: 9 } } });
    for (let nth = 1; nth < sends; nth += 1) story.pass(5 * MINUTE).tell(resend(), sent);
    const opensAt = new Date(story.clock + seconds * SECOND).toISOString();
    expect(story.allowed.resend).toEqual({ at: opensAt });
    story.pass((seconds - 2) * SECOND);
    expect(story.takes(resend())).toBe(false);
    story.pass(2 * SECOND);
    expect(story.takes(resend())).toBe(true);
  });

  it('is not begun by what was not sent', () => {
    const story = sendingTo('email').tell(refused, retry);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('is waited for by a send that is due', () => {
    const story = awaiting()
      .pass(31 * SECOND)
      .tell(resend(), unreached, retry, sent);
    expect(story.ledger).toEqual(['email sent first', 'email sent retry']);
    const due = sendingTo('email')
      .tell(unknown)
      .pass(10 * MINUTE - 2 * SECOND);
    expect(due.place).toBe('emailPending.awaitingCode');
  });
});

describe('the send limit', () => {
  const policy = { cooldowns: [0], sends: { per10Minutes: 2, perDay: 3 } };

  it('refuses a resend until there is room', () => {
    const story = awaiting('email', { policy }).tell(resend(), sent);
    expect(story.takes(resend())).toBe(false);
    const first = story.context.ledger[0]?.at ?? 0;
    expect(story.allowed.resend).toEqual({ at: new Date(first + 10 * MINUTE).toISOString() });
    expect(story.pass(10 * MINUTE).takes(resend())).toBe(true);
  });

  it('stalls a send that is due, says when it goes on, and goes on by itself', () => {
    const story = awaiting('email', {
      policy: { ...policy, sends: { per10Minutes: 9, perDay: 1 }, reminderAfter: HOUR },
    });
    const first = story.context.ledger[0]?.at ?? 0;
    story.pass(2 * HOUR);
    expect(story.place).toBe('emailPending.stalled');
    const nextRetryAt = new Date(first + DAY).toISOString();
    expect(story.status.stalled).toMatchObject({ reason: 'sendLimit', nextRetryAt });
    expect(story.allowed.retry).toEqual({ at: nextRetryAt });
    expect(story.takes(retry)).toBe(false);
    expect(story.takes(submit())).toBe(true);
    story.pass(22 * HOUR);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    expect(story.tell(sent).ledger).toEqual(['email sent first', 'email sent reminder']);
  });

  it('counts an unknown outcome, and nothing that was not sent', () => {
    const story = sendingTo('email', { policy }).tell(unreached, retry, refused, retry, unknown);
    expect(story.status.email?.sends).toBe(1);
  });
});

describe('a send whose outcome is unknown', () => {
  it('is followed by one resend after the life of a code', () => {
    const story = sendingTo('email').tell(unknown);
    story.pass(10 * MINUTE - SECOND);
    expect(story.place).toBe('emailPending.awaitingCode');
    story.pass(SECOND);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    expect(story.tell(sent).ledger).toEqual(['email unknown first', 'email sent automatic']);
    expect(story.pass(20 * MINUTE).place).toBe('emailPending.awaitingCode');
  });

  it('stalls where the second is unknown too, with a code still taken', () => {
    const story = sendingTo('email')
      .tell(unknown)
      .pass(10 * MINUTE)
      .tell(unknown);
    expect(story.place).toBe('emailPending.stalled');
    expect(story.status.stalled?.reason).toBe('providerUnavailable');
    expect(story.allowed.submitCode).toEqual({ channel: 'email' });
    expect(story.tell(submit(), right).place).toBe('smsPending.sending');
  });

  it('goes back to its stall after a wrong code', () => {
    const story = sendingTo('email')
      .tell(unknown)
      .pass(10 * MINUTE)
      .tell(unknown, submit(), { type: 'codeWrong' });
    expect(story.place).toBe('emailPending.stalled');
    expect(story.status.stalled?.reason).toBe('providerUnavailable');
  });

  it('begins the cool-down', () => {
    expect(sendingTo('email').tell(unknown).takes(resend())).toBe(false);
  });
});

describe('a wish to send', () => {
  it('is one entry of the ledger, however often it does not reach the provider', () => {
    const story = sendingTo('email').tell(unreached, retry, unreached, retry, sent);
    expect(story.context.ledger).toMatchObject([{ number: 1, outcome: 'sent' }]);
  });

  it('that was refused is done with: the next is another', () => {
    const story = sendingTo('email').tell(refused, retry, sent);
    expect(story.context.ledger).toMatchObject([
      { number: 1, outcome: 'notSent', reason: 'said so' },
      { number: 2, outcome: 'sent', why: 'retry' },
    ]);
  });

  it.each([
    ['an override', [override()]],
    ['the record', [recheck, record('verified')]],
  ])('of a channel that %s verifies stays in the ledger as it is', (_, verifying) => {
    const story = sendingTo('email').tell(unreached, retry, unreached, ...verifying);
    if (story.effects[0]?.type === 'readUser') story.tell(record('verified'));
    story.tell(sent);
    expect(story.ledger).toEqual(['email notSent retry', 'sms sent first']);
  });

  it('of one channel does not take the automatic resend from the next', () => {
    const story = sendingTo('email').tell(unreached, retry, unreached, recheck, record('verified'), unknown);
    expect(story.place).toBe('smsPending.awaitingCode');
  });
});

describe('a reminder', () => {
  it('goes out once a channel after a day of silence', () => {
    const story = awaiting().pass(DAY);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    story.tell(sent).pass(3 * DAY);
    expect(story.ledger).toEqual(['email sent first', 'email sent reminder']);
    story.tell(submit(), right, sent).pass(DAY).tell(sent);
    expect(story.ledger.slice(2)).toEqual(['sms sent first', 'sms sent reminder']);
  });

  it('counts the silence from the last word', () => {
    const story = awaiting()
      .pass(23 * HOUR)
      .tell(submit(), { type: 'codeWrong' })
      .pass(23 * HOUR);
    expect(story.place).toBe('emailPending.awaitingCode');
    expect(story.pass(HOUR).place).toBe('emailPending.sending');
  });
});

describe('the life of a journey', () => {
  it('ends it as expired', () => {
    const story = awaiting();
    story
      .pass(DAY)
      .tell(sent)
      .pass(7 * DAY);
    expect(story.place).toBe('expired');
    expect(story.status.expiresAt).toBeNull();
  });

  it('stands still while stalled', () => {
    const story = sendingTo('email')
      .tell(unreached)
      .pass(30 * DAY);
    expect(story.place).toBe('emailPending.stalled');
    expect(story.status.expiresAt).toBeNull();
    story.tell(retry, sent);
    const left = story.context.expiresAt - story.clock;
    expect(left).toBeGreaterThan(7 * DAY - MINUTE);
    expect(left).toBeLessThanOrEqual(7 * DAY);
  });

  it('stands still while paused', () => {
    const story = awaiting()
      .tell({ type: 'pause' })
      .pass(30 * DAY);
    expect(story.place).toBe('emailPending.paused');
    story.tell({ type: 'resume' });
    expect(story.context.expiresAt - story.clock).toBeGreaterThan(7 * DAY - MINUTE);
  });

  it('goes on from a stall that a code ended, once', () => {
    const story = sendingTo('email')
      .tell(unknown)
      .pass(10 * MINUTE)
      .tell(unknown)
      .pass(DAY)
      .tell(submit(), right);
    expect(story.context.heldSince).toBeNull();
    expect(story.context.expiresAt).toBe(story.context.startedAt + 8 * DAY + 2 * SECOND);
  });

  it('runs out where nobody asks for the first text', () => {
    const story = awaiting('email', { policy: { smsStart: 'onRequest' } }).tell(submit(), right);
    expect(story.place).toBe('emailVerified');
    expect(story.pass(7 * DAY).place).toBe('expired');
  });

  it('has no bearing on a journey that is over', () => {
    const story = new Story({ accountType: 'business' }).tell(sent, submit(), right);
    expect(story.pass(30 * DAY).place).toBe('done');
    expect(story.journey.timers).toEqual([]);
  });
});
