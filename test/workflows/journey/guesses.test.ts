import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import {
  awaiting,
  override,
  pause,
  recheck,
  resend,
  resume,
  retry,
  sent,
  Story,
  submit,
  wrong,
  restartedWith,
} from './support.ts';
import type { TestEvent } from './support.ts';
import { resultOf } from '../../../workflows/journey/status/result.ts';

const policy = { cooldowns: [0], guesses: { perCode: 2, perChannel: 3 }, sends: { per10Minutes: 9, perDay: 9 } };
const locked = () =>
  awaiting('email', { policy }).send(submit(), wrong, submit(), wrong, resend(), sent, submit(), wrong);

describe('the guesses of a code', () => {
  it('that are used up leave the step as it is, without submitCode', () => {
    const story = awaiting('email', { policy }).send(submit(), wrong, submit(), wrong);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(0);
    expect(story.allowed.submitCode).toBeUndefined();
    expect(story.can(submit())).toBe(false);
  });

  it('are reset by a new code, as far as the channel allows', () => {
    const story = awaiting('email', { policy }).send(submit(), wrong, submit(), wrong, resend(), sent);
    expect(story.status.email?.guessesLeft).toBe(1);
    expect(story.can(submit())).toBe(true);
  });

  it('are not reset by a send that did not reach the provider', () => {
    const story = awaiting('email', { policy }).send(submit(), wrong, submit(), wrong, resend());
    story.send({ type: 'send.unreached', detail: 'said so' });
    expect(story.can(submit())).toBe(false);
  });
});

describe('the guesses of a channel', () => {
  it('that are used up lock it', () => {
    const story = locked();
    expect(story.position).toBe('emailPending.locked');
    expect(Object.keys(story.allowed)).toEqual(['recheck', 'retry', 'pause', 'cancel', 'override']);
  });

  it('are reset when an operator retries', () => {
    const story = locked().send(retry);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(2);
    expect(story.effects).toEqual([]);
  });

  it('may be requested now, at any use of the send limit', () => {
    const story = awaiting('email', { policy: { ...policy, sends: { per10Minutes: 2, perDay: 9 } } });
    story.send(submit(), wrong, submit(), wrong, resend(), sent, submit(), wrong);
    expect(story.can(retry)).toBe(true);
    expect(story.allowed.retry).toEqual({});
  });

  it('are counted for each channel', () => {
    const story = awaiting('email', { policy }).send(submit(), wrong, submit(), { type: 'code.correct' }, sent);
    expect(story.status.sms?.guessesLeft).toBe(2);
  });

  it('that are used up lock a journey that restarts within the day as well', () => {
    const { carried } = resultOf(locked().send({ type: 'cancel' }).journey);
    const again = new Story({ policy, at: locked().clock + HOUR, ...restartedWith(carried) });
    if (again.can(sent)) again.send(sent);
    expect(again.position).toBe('emailPending.locked');
    expect(again.can(retry)).toBe(true);
  });

  it('are what life runs out of, too', () => {
    expect(locked().advance(8 * 24 * HOUR).position).toBe('expired');
  });

  it('stay used up after a pause and a recheck', () => {
    const story = locked().send(pause, resume);
    expect(story.position).toBe('emailPending.locked');
    story.send(recheck, { type: 'record.unread', detail: 'said so' });
    expect(story.position).toBe('emailPending.locked');
  });

  it('do not matter where an operator declares the channel verified', () => {
    expect(locked().send(override()).context.evidence.email).toBe('operator');
  });
});

const lost: TestEvent[] = [
  { type: 'code.unknown', detail: 'said so' },
  { type: 'record.read', record: { email: 'open', sms: 'open' } },
];

describe('a guess', () => {
  it('is returned if it was not checked, including the last one', () => {
    const story = awaiting('email', { policy: { ...policy, guesses: { perCode: 1, perChannel: 1 } } });
    story.send(submit(), { type: 'code.notChecked', detail: 'said so', retryAfter: MINUTE });
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(1);
  });

  it('of unknown outcome counts for the limit of its code, and does not lock the channel', () => {
    const story = awaiting('email', { policy }).send(submit(), ...lost, submit(), ...lost);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(0);
    expect(story.can(submit())).toBe(false);
    expect(story.allowed.submitCode).toBeUndefined();
    story.send(resend(), sent);
    expect(story.status.email?.guessesLeft).toBe(1);
  });

  it('of unknown outcome counts for the limit of its channel for a day, and does not lock it', () => {
    const story = awaiting('email', { policy }).send(submit(), ...lost, submit(), ...lost, resend(), sent);
    story.send(submit(), ...lost, resend(), sent);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.can(submit())).toBe(false);
    const { lastAt } = story.context.guesses.email.unknown;
    expect(story.allowed.submitCode).toEqual({ channel: 'email', at: new Date(lastAt + DAY).toISOString() });
    story.advance(lastAt + DAY - story.clock);
    // The reminder of the day has sent another code.
    if (story.can(sent)) story.send(sent);
    expect(story.send(submit(), wrong).position).toBe('emailPending.awaitingCode');
    expect(story.context.guesses.email).toMatchObject({ onChannel: 1, unknown: { onChannel: 0 } });
  });

  it('that was incorrect still locks a channel if others had an unknown outcome', () => {
    const story = awaiting('email', { policy }).send(submit(), ...lost, submit(), wrong, resend(), sent);
    expect(story.send(submit(), wrong).position).toBe('emailPending.awaitingCode');
    expect(story.can(submit())).toBe(false);
    expect(story.status.email?.guessesLeft).toBe(0);
  });

  it('keeps its time', () => {
    const story = awaiting()
      .advance(5 * SECOND)
      .send(submit());
    expect(story.context.guesses.email.lastAt).toBe(story.clock);
  });
});
