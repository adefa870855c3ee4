import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE } from '../../../workflows/journey/policy/policy.ts';
import { applyEvent, nextDueAt, fireDueTimers } from '../../../workflows/journey/transition.ts';
import { awaiting, MORNING, sendingTo, sent, Story, submit, unknown } from './support.ts';

describe('the timer', () => {
  it('is set to the earliest due time', () => {
    const story = awaiting();
    expect(nextDueAt(story.journey)).toBe(story.clock + DAY);
    expect(nextDueAt(sendingTo('email').send(unknown).journey)).toBe(MORNING + 1_000 + 10 * MINUTE);
  });

  it('changes nothing before its time', () => {
    const { journey, clock } = awaiting();
    expect(fireDueTimers(journey, clock + DAY - 1)).toEqual({ journey, effects: [] });
  });

  it('is not needed while a send is in flight', () => {
    expect(nextDueAt(new Story().journey)).toBeUndefined();
  });

  it('fires late after an outage, in the order in which the delays were due', () => {
    const { journey, clock } = awaiting('email', { policy: { reminderAfter: HOUR, journeyLife: 2 * HOUR } });
    const late = fireDueTimers(journey, clock + DAY);
    expect(late.journey.log.at(-1)).toMatchObject({ type: 'after.reminderAfter', at: clock + DAY });
    expect(late.effects).toEqual([{ type: 'send', channel: 'email' }]);
    const answered = applyEvent(late.journey, { type: 'send.sent', to: null, at: clock + DAY + 1 });
    expect(fireDueTimers(answered.journey, clock + DAY + 2).journey.snapshot.value).toBe('expired');
  });

  it('fires in order what a late one leads to', () => {
    const policy = { cooldowns: [0], sends: { per10Minutes: 9, perDay: 1 }, reminderAfter: HOUR, journeyLife: 9 * DAY };
    const { journey, clock } = awaiting('email', { policy });
    const late = fireDueTimers(journey, clock + 2 * DAY);
    expect(late.effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('is gone once the journey is over', () => {
    const story = awaiting('email', { accountType: 'business' }).send(submit(), { type: 'code.correct' });
    expect(nextDueAt(story.journey)).toBeUndefined();
  });

  it('records the time of each event', () => {
    const story = awaiting().advance(DAY).send(sent);
    expect(story.journey.log.map(({ type }) => type)).toEqual([
      'started',
      'send.sent',
      'after.reminderAfter',
      'send.sent',
    ]);
  });
});
