import { describe, expect, it } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../workflows/policy.ts';
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
import { endingOf } from '../../workflows/ending.ts';

const policy = { cooldowns: [0], guesses: { perCode: 2, perChannel: 3 }, sends: { per10Minutes: 9, perDay: 9 } };
const locked = () =>
  awaiting('email', { policy }).tell(submit(), wrong, submit(), wrong, resend(), sent, submit(), wrong);

describe('the guesses of a code', () => {
  it('spent leave the step as it is, without submitCode', () => {
    const story = awaiting('email', { policy }).tell(submit(), wrong, submit(), wrong);
    expect(story.place).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(0);
    expect(story.allowed.submitCode).toBeUndefined();
    expect(story.takes(submit())).toBe(false);
  });

  it('come anew with a new code, as far as the channel leaves them', () => {
    const story = awaiting('email', { policy }).tell(submit(), wrong, submit(), wrong, resend(), sent);
    expect(story.status.email?.guessesLeft).toBe(1);
    expect(story.takes(submit())).toBe(true);
  });

  it('do not come anew with a send that did not reach the provider', () => {
    const story = awaiting('email', { policy }).tell(submit(), wrong, submit(), wrong, resend());
    story.tell({ type: 'sendUnreached', detail: 'said so' });
    expect(story.takes(submit())).toBe(false);
  });
});

describe('the guesses of a channel', () => {
  it('spent lock it', () => {
    const story = locked();
    expect(story.place).toBe('emailPending.locked');
    expect(Object.keys(story.allowed)).toEqual(['recheck', 'retry', 'pause', 'cancel', 'override']);
  });

  it('come anew when an operator retries', () => {
    const story = locked().tell(retry);
    expect(story.place).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(2);
    expect(story.effects).toEqual([]);
  });

  it('may be asked for now, whatever the send limit says', () => {
    const story = awaiting('email', { policy: { ...policy, sends: { per10Minutes: 2, perDay: 9 } } });
    story.tell(submit(), wrong, submit(), wrong, resend(), sent, submit(), wrong);
    expect(story.takes(retry)).toBe(true);
    expect(story.allowed.retry).toEqual({});
  });

  it('are counted for each channel', () => {
    const story = awaiting('email', { policy }).tell(submit(), wrong, submit(), { type: 'codeRight' }, sent);
    expect(story.status.sms?.guessesLeft).toBe(2);
  });

  it('spent lock a journey that restarts within the day as well', () => {
    const { carried } = endingOf(locked().tell({ type: 'cancel' }).journey);
    const again = new Story({ policy, at: locked().clock + HOUR, ...restartedWith(carried) });
    if (again.takes(sent)) again.tell(sent);
    expect(again.place).toBe('emailPending.locked');
    expect(again.takes(retry)).toBe(true);
  });

  it('are what life runs out of, too', () => {
    expect(locked().pass(8 * 24 * HOUR).place).toBe('expired');
  });

  it('stay spent over a pause and a look at the record', () => {
    const story = locked().tell(pause, resume);
    expect(story.place).toBe('emailPending.locked');
    story.tell(recheck, { type: 'recordUnread', detail: 'said so' });
    expect(story.place).toBe('emailPending.locked');
  });

  it('do not matter where an operator declares the channel verified', () => {
    expect(locked().tell(override()).context.evidence.email).toBe('operator');
  });
});

describe('a guess', () => {
  it('is given back where it was not judged, also the last', () => {
    const story = awaiting('email', { policy: { ...policy, guesses: { perCode: 1, perChannel: 1 } } });
    story.tell(submit(), { type: 'codeNotJudged', detail: 'said so', retryAfter: MINUTE });
    expect(story.place).toBe('emailPending.awaitingCode');
    expect(story.status.email?.guessesLeft).toBe(1);
  });

  it('stays spent where nobody knows, also the last', () => {
    const story = awaiting('email', { policy: { ...policy, guesses: { perCode: 1, perChannel: 1 } } });
    story.tell(submit(), { type: 'codeUnknown', detail: 'said so' }, { type: 'recordUnread', detail: 'said so' });
    expect(story.place).toBe('emailPending.locked');
  });

  it('keeps its time', () => {
    const story = awaiting()
      .pass(5 * SECOND)
      .tell(submit());
    expect(story.context.guesses.email.lastAt).toBe(story.clock);
  });
});
