import { describe, expect, it } from '@jest/globals';
import { DAY, SECOND } from '../../../workflows/journey/policy/policy.ts';
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
import type { TestEvent } from './support.ts';

const stopped: TestEvent = { type: 'send.stopped' };

describe('a pause', () => {
  it.each(['awaitingCode', 'stalled'])('in %s returns there', (step) => {
    const story = sendingTo('email').send(step === 'stalled' ? refused : sent, pause);
    expect(story.position).toBe('emailPending.paused');
    expect(story.send(resume).position).toBe(`emailPending.${step}`);
  });

  it('keeps the reason of a stall', () => {
    const story = sendingTo('email').send(refused);
    const { stalled } = story.status;
    expect(story.send(pause).status.stalled).toBeNull();
    expect(story.send(resume).status.stalled).toEqual(stalled);
  });

  it.each([submit(), resend(), recheck, retry])('takes no $type', (command) => {
    expect(
      awaiting()
        .advance(DAY / 2)
        .send(pause)
        .can(command),
    ).toBe(false);
  });

  it('sends nothing, however long it is', () => {
    const story = awaiting()
      .send(pause)
      .advance(30 * DAY);
    expect(story.position).toBe('emailPending.paused');
    expect(story.journey.timers).toEqual([]);
  });

  it('delays a send that waits for the cool-down until the journey is resumed', () => {
    const story = new Story(restartedWith(sentAMomentAgo()));
    expect(story.position).toBe('emailPending.sending');
    expect(story.effects).toEqual([]);
    story.send(pause).advance(DAY);
    expect(story.send(resume).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('rests with a journey that rests', () => {
    const story = awaiting('email', { policy: { smsStart: 'onRequest' } }).send(submit(), right, pause);
    expect(story.position).toBe('emailVerified.paused');
    expect(story.send(resume).position).toBe('emailVerified');
  });
});

describe('a pause while a send is in flight', () => {
  const rows: readonly (readonly [TestEvent, string, boolean])[] = [
    [sent, 'emailPending.awaitingCode', false],
    [unknown, 'emailPending.awaitingCode', false],
    [refused, 'emailPending.stalled', false],
    [{ type: 'send.credentials', detail: 'said so' }, 'emailPending.stalled', false],
    [unreached, 'emailPending.sending', true],
    [{ type: 'send.rateLimited', detail: 'said so' }, 'emailPending.sending', true],
    [stopped, 'emailPending.sending', true],
    [{ type: 'send.alreadyVerified' }, 'smsPending.sending', true],
  ];

  it.each(rows)('waits for its outcome: $type', (answer, place, sends) => {
    const story = sendingTo('email').send(pause);
    expect(story.position).toBe('emailPending.sending');
    expect(story.effects).toEqual([{ type: 'stopSend' }]);
    expect(story.send(answer).position).toBe('emailPending.paused');
    expect(story.context.ledger).toHaveLength(1);
    story.send(resume);
    expect(story.position).toBe(place);
    expect(story.effects.some(({ type }) => type === 'send')).toBe(sends);
  });

  it('makes one entry of a send that was stopped and then went out', () => {
    const story = sendingTo('email').send(pause, stopped, resume, sent);
    expect(story.ledger).toEqual(['email sent first']);
  });
});

describe('a cancellation', () => {
  it.each([sent, unknown, refused, unreached, stopped])('waits for the outcome of a send: $type', (answer) => {
    const story = sendingTo('email').send(cancel);
    expect(story.position).toBe('emailPending.sending');
    expect(story.send(answer).position).toBe('cancelled');
    expect(story.context.ledger).toHaveLength(1);
  });

  it('ends a journey that is paused', () => {
    expect(awaiting().send(pause, cancel).position).toBe('cancelled');
  });

  it('leaves nothing to come', () => {
    const story = awaiting().send(cancel);
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
