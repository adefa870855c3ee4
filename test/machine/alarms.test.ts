import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE } from '../../workflows/policy.ts';
import { advance, alarmAt, wake } from '../../workflows/step.ts';
import { awaiting, MORNING, sendingTo, sent, Story, submit, unknown } from './support.ts';

describe('the alarm', () => {
  it('stands at the earliest of what is due', () => {
    const story = awaiting();
    expect(alarmAt(story.journey)).toBe(story.clock + DAY);
    expect(alarmAt(sendingTo('email').tell(unknown).journey)).toBe(MORNING + 1_000 + 10 * MINUTE);
  });

  it('changes nothing before its time', () => {
    const { journey, clock } = awaiting();
    expect(wake(journey, clock + DAY - 1)).toEqual({ journey, effects: [] });
  });

  it('is not needed while a send is in flight', () => {
    expect(alarmAt(new Story().journey)).toBeUndefined();
  });

  it('rings late after an outage, and what was due first comes first', () => {
    const { journey, clock } = awaiting('email', { policy: { reminderAfter: HOUR, journeyLife: 2 * HOUR } });
    const late = wake(journey, clock + DAY);
    expect(late.journey.log.at(-1)).toMatchObject({ what: 'reminderAfter', at: clock + DAY });
    expect(late.effects).toEqual([{ type: 'send', channel: 'email' }]);
    const answered = advance(late.journey, { type: 'codeSent', to: null, at: clock + DAY + 1 });
    expect(wake(answered.journey, clock + DAY + 2).journey.snapshot.value).toBe('expired');
  });

  it('fires in order what a late one leads to', () => {
    const policy = { cooldowns: [0], sends: { per10Minutes: 9, perDay: 1 }, reminderAfter: HOUR, journeyLife: 9 * DAY };
    const { journey, clock } = awaiting('email', { policy });
    const late = wake(journey, clock + 2 * DAY);
    expect(late.effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('is gone once the journey is over', () => {
    const story = awaiting('email', { accountType: 'business' }).tell(submit(), { type: 'codeRight' });
    expect(alarmAt(story.journey)).toBeUndefined();
  });

  it('tells the time of what it did', () => {
    const story = awaiting().pass(DAY).tell(sent);
    expect(story.journey.log.map(({ what }) => what)).toEqual(['started', 'codeSent', 'reminderAfter', 'codeSent']);
  });
});
