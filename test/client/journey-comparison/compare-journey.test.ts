import { describe, expect, it } from '@jest/globals';
import { recordOf } from '../../../client/journey-log/record.ts';
import { compareJourney } from '../../../client/journey-comparison/compare-journey.ts';
import { adoptablePolicy } from '../../../workflows/journey/policy/adoption.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../../workflows/journey/status/status.ts';
import * as story from '../../workflows/journey/support.ts';
import type { Story } from '../../workflows/journey/support.ts';

/** Compares the journey of a story with what it would have been under another policy. */
function compare(walk: Story, changes: Partial<Policy>) {
  const { policy, userId, accountType } = walk.context;
  const record = recordOf(walk.journey.log, { userId, accountType, policy });
  return compareJourney(record, adoptablePolicy({ ...policy, ...changes }, true), walk.clock);
}

const at = (span: number) => story.MORNING + span;

describe('a what-if of one journey', () => {
  it('finds nothing under the same policy', () => {
    const walk = story.awaiting('email').send(story.submit(), story.wrong).advance(DAY).send(story.sent);
    expect(compare(walk, {})).toMatchObject({ result: 'same', differences: [], sends: { actual: 2, whatIf: 2 } });
  });

  it('finds no difference if a lowered limit is not reached', () => {
    const walk = story.awaiting('email').send(story.submit(), story.wrong, story.submit(), story.right, story.sent);
    const compared = compare(walk, { guesses: { perCode: 3, perChannel: 5 }, journeyLife: DAY, reminderAfter: HOUR });
    expect(compared).toMatchObject({ result: 'same', undecidedFrom: null, cause: null });
    expect(statusOf(compared.whatIf)).toMatchObject({ state: 'smsPending', step: 'awaitingCode' });
  });

  it('stops at a code that locks the channel sooner', () => {
    const walk = story.awaiting('email').send(story.submit(), story.wrong, story.submit(), story.wrong);
    expect(compare(walk, { guesses: { perCode: 5, perChannel: 2 } })).toMatchObject({
      result: 'undecided',
      differences: ['lockedSooner'],
      undecidedFrom: walk.clock,
      cause: 'otherOutcome',
      events: { total: 6, compared: 5 },
    });
  });

  it('stops at a code that would have been refused', () => {
    const walk = story.awaiting('email').send(story.submit(), story.wrong, story.submit());
    expect(compare(walk, { guesses: { perCode: 1, perChannel: 20 } })).toMatchObject({
      result: 'undecided',
      differences: ['commandRefused'],
      refused: 'submitCode',
      undecidedFrom: walk.clock,
    });
  });

  it('stops at a resend that would have been refused, and counts the code that was not requested', () => {
    const walk = story.awaiting('email').advance(MINUTE).send(story.resend(), story.sent);
    expect(compare(walk, { cooldowns: [5 * MINUTE] })).toMatchObject({
      result: 'undecided',
      differences: ['fewerSends', 'commandRefused'],
      refused: 'resend',
      sends: { actual: 2, whatIf: 1 },
      undecidedFrom: at(MINUTE + 2 * SECOND),
    });
  });

  it('stops when the policy allows a resend that was refused, since the log has no refused attempts', () => {
    const walk = story.awaiting('email').advance(MINUTE);
    expect(compare(walk, { cooldowns: [10 * SECOND] })).toMatchObject({
      result: 'undecided',
      differences: [],
      cause: 'commandAllowed',
      undecidedFrom: at(11 * SECOND),
    });
  });

  it('decides a journey that was verified before the policy allowed more', () => {
    const walk = story.awaiting('email', { accountType: 'business' }).send(story.submit(), story.right);
    expect(compare(walk, { cooldowns: [10 * SECOND] })).toMatchObject({ result: 'same' });
  });

  it('finds that a reminder would have gone out at another time', () => {
    const walk = story.awaiting('email').advance(DAY).send(story.sent);
    expect(compare(walk, { reminderAfter: HOUR })).toMatchObject({
      result: 'undecided',
      differences: ['moreSends'],
      cause: 'otherTimer',
      undecidedFrom: at(HOUR + SECOND),
    });
    expect(compare(walk, { reminderAfter: 2 * DAY })).toMatchObject({
      result: 'undecided',
      differences: ['fewerSends'],
      cause: 'otherTimer',
      undecidedFrom: at(DAY + SECOND),
    });
  });

  it('decides a journey that would have expired sooner, to its end', () => {
    const walk = story.awaiting('email').advance(HOUR).send(story.resend(), story.sent, story.submit(), story.right);
    const compared = compare(walk, { journeyLife: HOUR });
    expect(compared).toMatchObject({
      result: 'differs',
      differences: ['fewerSends', 'expiredSooner'],
      undecidedFrom: null,
      sends: { actual: 3, whatIf: 1 },
    });
    expect(statusOf(compared.whatIf)).toMatchObject({ state: 'expired', updatedAt: new Date(at(HOUR)).toISOString() });
    expect(compared.events).toEqual({ total: 6, compared: 6 });
  });

  it('stops when a journey would not have expired yet', () => {
    const walk = story.awaiting('email', { policy: { reminderAfter: 30 * DAY } }).advance(8 * DAY);
    expect(compare(walk, { journeyLife: 14 * DAY })).toMatchObject({
      result: 'undecided',
      differences: ['expiredLater'],
      cause: 'otherTimer',
      undecidedFrom: at(7 * DAY),
    });
  });

  it('finds a stall that comes sooner, and one that comes later', () => {
    const policy = {
      cooldowns: [0],
      sends: { per10Minutes: 2, perDay: 10 },
      automaticSends: { notAfter: DAY, quietHours: null },
    };
    const again = story
      .awaiting('email', { policy: { ...policy, codeLife: MINUTE } })
      .send(story.resend(), story.unknown);
    const walk = again.advance(MINUTE + SECOND);
    expect(walk.position).toBe('emailPending.stalled');
    expect(compare(walk, { sends: { per10Minutes: 3, perDay: 10 } }).differences).toEqual([]);
    expect(compare(walk, { sends: { per10Minutes: 3, perDay: 10 } }).cause).toBe('commandAllowed');
    const free = story.awaiting('email', {
      policy: { ...policy, sends: { per10Minutes: 3, perDay: 10 }, codeLife: MINUTE },
    });
    free.send(story.resend(), story.unknown).advance(MINUTE + SECOND);
    expect(compare(free, { sends: { per10Minutes: 2, perDay: 10 } })).toMatchObject({
      result: 'undecided',
      differences: ['fewerSends', 'stalledSooner'],
      cause: 'otherTimer',
    });
  });

  it('does not guess what the provider would have replied within another timeout', () => {
    const walk = story
      .sendingTo('email')
      .advance(20 * SECOND)
      .send(story.sent);
    expect(compare(walk, { callTimeout: 5 * SECOND })).toMatchObject({ result: 'undecided', cause: 'providerCall' });
    expect(compare(walk, { retrySendFor: 10 * SECOND })).toMatchObject({ result: 'undecided', cause: 'providerCall' });
    expect(compare(walk, { retrySendFor: MINUTE })).toMatchObject({ result: 'same' });
    const unreached = story
      .sendingTo('email')
      .advance(100 * SECOND)
      .send(story.unreached);
    expect(compare(unreached, { retrySendFor: 10 * MINUTE })).toMatchObject({ cause: 'providerCall' });
  });

  it('counts the commands that a lower limit a minute would have refused', () => {
    const walk = story.awaiting('email').send(story.recheck, story.record('open'), story.recheck, story.record('open'));
    expect(compare(walk, { commands: { perMinute: 120, rechecksPerMinute: 1 } })).toMatchObject({
      refused: 'recheck',
      differences: ['commandRefused'],
    });
    expect(compare(walk, { commands: { perMinute: 1, rechecksPerMinute: 12 } })).toMatchObject({ refused: 'recheck' });
  });

  it('keeps who mailed the first code, and the time zone of the user', () => {
    const quietHours = { from: 21 * 60, to: 8 * 60, offsets: [{ from: 0, minutes: 120 }] } as const;
    const walk = story.awaiting('email', { policy: { automaticSends: { notAfter: DAY, quietHours } } });
    const other = { from: 22 * 60, to: 8 * 60, offsets: [{ from: 0, minutes: -300 }] } as const;
    const { whatIf } = compare(walk, {
      firstEmail: 'alreadySent',
      automaticSends: { notAfter: DAY, quietHours: other },
    });
    expect(whatIf.snapshot.context.policy).toMatchObject({
      firstEmail: 'send',
      automaticSends: { quietHours: { from: 22 * 60, offsets: quietHours.offsets } },
    });
  });
});
