import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../../workflows/journey/status/status.ts';
import { timelineOf } from '../../../workflows/journey/status/timeline.ts';
import { fireDueTimers } from '../../../workflows/journey/transition.ts';
import { awaiting, cancel, MORNING, pause, record, recheck, resend, resume, retry } from './support.ts';
import { right, sendingTo, sent, Story, submit, unknown, unreached } from './support.ts';
import type { TestEvent } from './support.ts';

const recover: TestEvent = { type: 'recover' };
const visit: TestEvent = { type: 'visit' };
const send = { type: 'send', channel: 'email' };

/** Quiet from 21:00 to 08:00 in UTC. */
const night = { from: 21 * 60, to: 8 * 60, offsets: [{ from: 0, minutes: 0 }] } as const;
const withQuietHours = (notAfter: number): { policy: Partial<Policy>; at: number } => ({
  policy: { automaticSends: { notAfter, quietHours: night } },
  at: MORNING + 13 * HOUR,
});
const textsOf = ({ journey }: Story) => timelineOf(journey.log).map(({ what }) => what);

describe('an automatic send to a user who has left', () => {
  it('is offered by recovery instead, and sent at the next visit', () => {
    const story = sendingTo('email').send(unreached);
    story.advance(31 * MINUTE).send(recover);
    expect(story.effects).toEqual([]);
    expect(story.position).toBe('emailPending.awaitingCode');
    const since = new Date(story.clock).toISOString();
    expect(story.status).toMatchObject({ offered: { channel: 'email', since }, stalled: null });
    expect(story.allowed).toMatchObject({ visit: {}, resend: {} });
    expect(story.allowed).not.toHaveProperty('submitCode');
    story.advance(5 * HOUR).send(visit);
    expect(story.effects).toEqual([send]);
    expect(story.status.offered).toBeNull();
    expect(story.send(sent).ledger).toEqual(['email sent resend']);
    expect(textsOf(story)).toContain('Offered the e-mail code that was due: it is sent when the user comes back');
  });

  it('is sent by recovery as long as the user is there', () => {
    const story = sendingTo('email').send(unreached);
    story.advance(29 * MINUTE).send(recover);
    expect(story.effects).toEqual([{ ...send, once: true }]);
  });

  it('is sent by recovery to a user who has come back while it was stalled', () => {
    const story = sendingTo('email').send(unreached);
    story.advance(5 * HOUR).send(visit);
    expect(story.position).toBe('emailPending.stalled');
    expect(story.effects).toEqual([]);
    expect(story.advance(29 * MINUTE).send(recover).effects).toEqual([{ ...send, once: true }]);
  });

  it('is offered after an unknown outcome, if the life of a code is longer than the user waits', () => {
    const policy = { automaticSends: { notAfter: 5 * MINUTE, quietHours: null } };
    const story = sendingTo('email', { policy }).send(unknown);
    story.advance(10 * MINUTE);
    expect(story.status).toMatchObject({ step: 'awaitingCode', offered: { channel: 'email' } });
    expect(story.can(submit())).toBe(true);
    expect(story.send(resend()).effects).toEqual([send]);
  });

  it('is offered if a send limit delayed it for longer than the user waits', () => {
    const policy = { sends: { per10Minutes: 9, perDay: 1 }, reminderAfter: HOUR };
    const story = awaiting('email', { policy });
    expect(story.advance(2 * HOUR).status.stalled?.reason).toBe('sendLimit');
    story.advance(DAY);
    expect(story.status).toMatchObject({ step: 'awaitingCode', offered: { channel: 'email' }, stalled: null });
    expect(story.ledger).toEqual(['email sent first']);
  });

  it('is offered as the first text, if the e-mail turns out to be verified after the user has left', () => {
    const story = awaiting().advance(HOUR).send(recheck, record('verified'));
    expect(story.position).toBe('smsPending.awaitingCode');
    expect(story.effects).toEqual([]);
    expect(story.status.offered).toMatchObject({ channel: 'sms' });
    expect(story.send(visit).effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('does not keep the one reminder, which is for users who have left', () => {
    const story = sendingTo('email').send(unreached);
    story.advance(HOUR).send(recover).advance(DAY);
    expect(story.effects).toEqual([send]);
    expect(story.send(sent).ledger).toEqual(['email sent reminder']);
  });

  it('stays offered during a pause, and ends with the journey', () => {
    const story = sendingTo('email').send(unreached);
    story.advance(HOUR).send(recover, pause).advance(HOUR).send(resume);
    expect(story.status).toMatchObject({ step: 'awaitingCode', offered: { channel: 'email' } });
    expect(story.send(cancel).position).toBe('cancelled');
  });
});

describe('a requested code', () => {
  it('is sent at any time: the first codes, a resend and an operator’s retry', () => {
    const story = new Story(withQuietHours(30 * MINUTE));
    expect(story.effects).toEqual([send]);
    expect(story.send(sent, submit(), right).effects).toEqual([{ type: 'send', channel: 'sms' }]);
    story.send(sent).advance(2 * HOUR);
    expect(story.send(resend('sms')).effects).toEqual([{ type: 'send', channel: 'sms' }]);
    expect(story.send(unreached).advance(HOUR).send(retry).effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('does not exist without an offered code: a visit changes nothing', () => {
    expect(awaiting().can(visit)).toBe(false);
    expect(sendingTo('email').can(visit)).toBe(false);
    expect(awaiting().send(pause).can(visit)).toBe(false);
  });
});

describe('an automatic send in quiet hours', () => {
  it('waits for their end, if its user still waits for it then', () => {
    const story = sendingTo('email', withQuietHours(12 * HOUR)).send(unreached);
    story.advance(MINUTE).send(recover);
    expect(story.effects).toEqual([]);
    expect(story.status.offered).not.toBeNull();
    story.advance(MORNING + DAY - HOUR - story.clock - SECOND);
    expect(story.ledger).toEqual(['email notSent first']);
    story.advance(SECOND);
    expect(story.effects).toEqual([send]);
    expect(textsOf(story)).toContain('Quiet hours ended: requested the e-mail code that was due');
  });

  it('is offered at the next visit otherwise, and no timer wakes the user', () => {
    const story = sendingTo('email', withQuietHours(30 * MINUTE)).send(unreached);
    story
      .advance(MINUTE)
      .send(recover)
      .advance(15 * HOUR);
    expect(story.ledger).toEqual(['email notSent first']);
    expect(story.send(visit).effects).toEqual([send]);
  });

  it('is offered again if no worker runs until long after they have ended', () => {
    const story = sendingTo('email', withQuietHours(12 * HOUR)).send(unreached);
    story.advance(MINUTE).send(recover);
    const { journey, effects } = fireDueTimers(story.journey, MORNING + DAY + 5 * HOUR);
    expect(effects).toEqual([]);
    expect(statusOf(journey)).toMatchObject({ step: 'awaitingCode', offered: { channel: 'email' } });
    expect(journey.timers.map(({ event }) => event.type)).not.toContainEqual(expect.stringContaining('quietHoursEnd'));
  });

  it('is a reminder that goes out when they end', () => {
    const story = awaiting('email', withQuietHours(30 * MINUTE));
    story.advance(DAY + 9 * HOUR);
    expect(story.ledger).toEqual(['email sent first']);
    story.advance(2 * HOUR);
    expect(story.effects).toEqual([send]);
    expect(new Date(story.journey.updatedAt).toISOString()).toMatch(/T08:00:00.000Z$/);
  });
});
