import { describe, expect, it } from '@jest/globals';
import { previewCommand } from '../../../workflows/journey/status/preview.ts';
import { DAY, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import { awaiting, override, pause, record, refused, resume, sendingTo, sent, submit } from './support.ts';
import { retry, unknown, unreached, wrong } from './support.ts';
import type { Story, TestEvent } from './support.ts';

const recover: TestEvent = { type: 'recover' };
const detail = 'said so';
/** A journey whose automatic resend is due, and has no room under the limit. */
function limited(): Story {
  const story = sendingTo('email', { policy: { sends: { per10Minutes: 5, perDay: 1 } } }).send(unknown);
  story.advance(10 * MINUTE);
  expect(story.status.stalled?.reason).toBe('sendLimit');
  return story;
}

const stalledBy = (answer: TestEvent) => sendingTo('email').send(answer);

describe('a try of recovery', () => {
  it.each([
    unreached,
    { type: 'send.rateLimited', detail },
    { type: 'send.credentials', detail },
    { type: 'send.unknownUser', detail },
  ] as TestEvent[])(
    'is accepted by a journey stalled by $type, which shows stalled until the provider has replied',
    (answer) => {
      const story = stalledBy(answer);
      const { stalled } = story.status;
      story.advance(MINUTE).send(recover);
      expect(story.effects).toEqual([{ type: 'send', channel: 'email', once: true }]);
      expect(story.position).toBe('emailPending.stalled');
      expect(story.status).toMatchObject({ stalled, expiresAt: null, allowed: {} });
      expect(story.send(sent).position).toBe('emailPending.awaitingCode');
      expect(story.status.stalled).toBeNull();
      expect(story.ledger).toEqual(['email sent retry']);
    },
  );

  it('changes neither the start of the stall nor the expiry without a definite reply', () => {
    const policy = { automaticSends: { notAfter: 2 * DAY, quietHours: null } };
    const story = sendingTo('email', { policy }).send(unreached);
    const { since } = story.status.stalled ?? {};
    const { expirySuspendedSince: heldSince } = story.context;
    story.advance(DAY).send(recover, unreached);
    expect(story.status).toMatchObject({ step: 'stalled', stalled: { reason: 'providerUnavailable', since } });
    expect(story.context.expirySuspendedSince).toBe(heldSince);
    expect(story.ledger).toEqual(['email notSent retry']);
  });

  it('has a new reason if the provider gives one', () => {
    const story = stalledBy(unreached).send(recover, refused);
    expect(story.status.stalled).toMatchObject({
      reason: 'providerRefused',
      since: new Date(story.clock).toISOString(),
    });
    expect(story.can(recover)).toBe(false);
    expect(story.can(retry)).toBe(true);
  });

  it('continues if the provider reports the channel as verified', () => {
    const story = stalledBy(unreached).send(recover, { type: 'send.alreadyVerified' });
    expect(story.position).toBe('smsPending.sending');
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('may have sent a code, which its user may enter', () => {
    const story = stalledBy(unreached).send(recover, unknown);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.can(submit())).toBe(true);
  });

  it('reads the record before a text if an operator has marked the e-mail as verified', () => {
    const story = awaiting().send(override()).send({ type: 'record.unread', detail }).send(recover);
    expect(story.position).toBe('smsPending.stalled');
    expect(story.effects).toEqual([{ type: 'readUser' }]);
    expect(story.send(record('verified')).effects).toEqual([{ type: 'send', channel: 'sms', once: true }]);
    expect(story.send(sent).position).toBe('smsPending.awaitingCode');
  });

  it('is refused in the cool-down of a code that may have been sent', () => {
    const story = sendingTo('email', { policy: { cooldowns: [5 * MINUTE] } }).send(unknown);
    story.advance(10 * MINUTE).send(unknown);
    expect(story.position).toBe('emailPending.stalled');
    expect(story.can(recover)).toBe(false);
    expect(story.advance(5 * MINUTE).can(recover)).toBe(true);
  });

  it.each([
    ['paused', () => stalledBy(unreached).send(pause)],
    ['refused', () => stalledBy(refused)],
    ['awaiting a code', () => awaiting()],
    ['sending', () => sendingTo('email')],
    ['locked', () => awaiting('email', { policy: { guesses: { perCode: 1, perChannel: 1 } } }).send(submit(), wrong)],
    ['over its limit of sends', limited],
  ])('is refused by a journey that is %s', (_, story) => {
    expect(story().can(recover)).toBe(false);
  });
});

describe('a preview', () => {
  const of = (story: Story, event: TestEvent) =>
    previewCommand(story.journey, {
      by: { role: 'operator', name: 'night' },
      reason: null,
      ...event,
      at: story.clock,
    } as Parameters<typeof previewCommand>[1]);
  const resend: TestEvent = { type: 'resend', channel: 'email' };

  it('changes nothing', () => {
    const story = stalledBy(unreached);
    const { journey } = story;
    expect(of(story, retry)).toEqual({ outcome: 'sends', until: null, why: null });
    expect(story.journey).toBe(journey);
    expect(story.position).toBe('emailPending.stalled');
  });

  it('names the time at which a cool-down ends', () => {
    const story = awaiting('email', { policy: { cooldowns: [MINUTE] } });
    const until = new Date(story.clock + MINUTE).toISOString();
    expect(of(story, resend)).toEqual({ outcome: 'limited', until, why: null });
    expect(of(story.advance(MINUTE), resend)).toMatchObject({ outcome: 'sends' });
  });

  it('names the time at which a send limit allows another send', () => {
    const story = limited();
    const until = story.status.stalled?.nextRetryAt;
    expect(of(story, retry)).toEqual({ outcome: 'limited', until, why: null });
    expect(of(story, { type: 'recheck' })).toMatchObject({ outcome: 'applied' });
    expect(of(story.send(pause), resume)).toEqual({ outcome: 'limited', until, why: null });
  });

  it('explains why it is not allowed, such as a code that was sent since', () => {
    const story = awaiting('email', { policy: { cooldowns: [0] } });
    expect(of(story, retry)).toMatchObject({
      outcome: 'invalidState',
      why: 'retry is not allowed in emailPending.awaitingCode',
    });
    expect(of(story, { ...resend, asOf: story.clock - SECOND })).toMatchObject({
      outcome: 'invalidState',
      why: 'a code has been sent since this was asked for',
    });
    expect(of(story, { ...resend, asOf: story.clock })).toMatchObject({ outcome: 'sends' });
  });

  it.each([pause, { type: 'cancel' }, { type: 'recheck' }] as TestEvent[])(
    'of $type is that it is carried out',
    (event) => {
      expect(of(awaiting(), event)).toMatchObject({ outcome: 'applied' });
    },
  );

  it('of a command that stops a send does not report a send', () => {
    expect(of(sendingTo('email'), pause)).toMatchObject({ outcome: 'applied' });
    expect(of(sendingTo('email'), { type: 'cancel' })).toMatchObject({ outcome: 'applied' });
  });
});
