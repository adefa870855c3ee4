import { describe, expect, it } from '@jest/globals';
import { DAY, SECOND } from '../../workflows/policy.ts';
import {
  awaiting,
  cancel,
  pause,
  recheck,
  refused,
  resend,
  resume,
  retry,
  right,
  sendingTo,
  sent,
  Story,
  restartedWith,
} from './support.ts';
import { submit, unknown, unreached } from './support.ts';
import type { Told } from './support.ts';

const stopped: Told = { type: 'sendStopped' };

describe('a pause', () => {
  it.each(['awaitingCode', 'stalled'])('in %s returns there', (step) => {
    const story = sendingTo('email').tell(step === 'stalled' ? refused : sent, pause);
    expect(story.place).toBe('emailPending.paused');
    expect(story.tell(resume).place).toBe(`emailPending.${step}`);
  });

  it('keeps the reason of a stall', () => {
    const story = sendingTo('email').tell(refused);
    const { stalled } = story.status;
    expect(story.tell(pause).status.stalled).toBeNull();
    expect(story.tell(resume).status.stalled).toEqual(stalled);
  });

  it.each([submit(), resend(), recheck, retry])('takes no $type', (command) => {
    expect(
      awaiting()
        .pass(DAY / 2)
        .tell(pause)
        .takes(command),
    ).toBe(false);
  });

  it('sends nothing, however long it is', () => {
    const story = awaiting()
      .tell(pause)
      .pass(30 * DAY);
    expect(story.place).toBe('emailPending.paused');
    expect(story.journey.timers).toEqual([]);
  });

  it('holds a send that waits for the cool-down, which goes out on resuming', () => {
    const story = new Story(restartedWith(sentAMomentAgo()));
    expect(story.place).toBe('emailPending.sending');
    expect(story.effects).toEqual([]);
    story.tell(pause).pass(DAY);
    expect(story.tell(resume).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('rests with a journey that rests', () => {
    const story = awaiting('email', { policy: { smsStart: 'onRequest' } }).tell(submit(), right, pause);
    expect(story.place).toBe('emailVerified.paused');
    expect(story.tell(resume).place).toBe('emailVerified');
  });
});

describe('a pause while a send is in flight', () => {
  const rows: readonly (readonly [Told, string, boolean])[] = [
    [sent, 'emailPending.awaitingCode', false],
    [unknown, 'emailPending.awaitingCode', false],
    [refused, 'emailPending.stalled', false],
    [{ type: 'sendCredentials', detail: 'said so' }, 'emailPending.stalled', false],
    [unreached, 'emailPending.sending', true],
    [{ type: 'sendRateLimited', detail: 'said so' }, 'emailPending.sending', true],
    [stopped, 'emailPending.sending', true],
    [{ type: 'sendAlreadyVerified' }, 'smsPending.sending', true],
  ];

  it.each(rows)('waits for its outcome: $type', (answer, place, sends) => {
    const story = sendingTo('email').tell(pause);
    expect(story.place).toBe('emailPending.sending');
    expect(story.effects).toEqual([{ type: 'stopSend' }]);
    expect(story.tell(answer).place).toBe('emailPending.paused');
    expect(story.context.ledger).toHaveLength(1);
    story.tell(resume);
    expect(story.place).toBe(place);
    expect(story.effects.some(({ type }) => type === 'send')).toBe(sends);
  });

  it('makes one entry of a send that was stopped and then went out', () => {
    const story = sendingTo('email').tell(pause, stopped, resume, sent);
    expect(story.ledger).toEqual(['email sent first']);
  });
});

describe('a cancellation', () => {
  it.each([sent, unknown, refused, unreached, stopped])('waits for the outcome of a send: $type', (answer) => {
    const story = sendingTo('email').tell(cancel);
    expect(story.place).toBe('emailPending.sending');
    expect(story.tell(answer).place).toBe('cancelled');
    expect(story.context.ledger).toHaveLength(1);
  });

  it('ends a journey that is paused', () => {
    expect(awaiting().tell(pause, cancel).place).toBe('cancelled');
  });

  it('leaves nothing to come', () => {
    const story = awaiting().tell(cancel);
    expect(story.journey.timers).toEqual([]);
    expect(story.allowed).toEqual({});
  });
});

function sentAMomentAgo() {
  const before = awaiting();
  const { ledger, guesses } = before.context;
  const moved = ledger.map((entry) => ({ ...entry, at: new Story().clock - SECOND }));
  return { ledger: moved, guesses, revision: before.journey.revision, log: before.journey.log };
}
