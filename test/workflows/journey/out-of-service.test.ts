import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import { override, pause, recheck, record, resume, right, sendingTo, sent, submit, wrong } from './support.ts';
import type { StoryOptions, Story, TestEvent } from './support.ts';

const detail = '503 Service unavailable';
const outOfService: TestEvent = { type: 'send.outOfService', detail };
const recover: TestEvent = { type: 'recover' };
const minute: StoryOptions = { policy: { cooldowns: [30 * SECOND], retrySendFor: MINUTE } };
/** Answers each further try with a 503 until the journey stalls. */
function untilStalled(more: StoryOptions = minute): Story {
  const story = sendingTo('email', more).send(outOfService);
  while (story.position !== 'emailPending.stalled') {
    story.advance(30 * SECOND);
    if (story.can(outOfService)) story.send(outOfService);
  }
  return story;
}

describe('a send that the provider answers with 503', () => {
  it('counts as a send, and the user may enter a code that has arrived all the same', () => {
    const story = sendingTo('email', minute).send(outOfService);
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.status.email).toMatchObject({ sends: 1, lastSend: { outcome: 'unknown' } });
    expect(story.send(submit(), right).context.evidence.email).toBe('code');
  });

  it('is tried again once its cool-down is over, each try counted, until its time is over', () => {
    const story = sendingTo('email', minute)
      .send(outOfService)
      .advance(29 * SECOND);
    expect(story.position).toBe('emailPending.awaitingCode');
    story.advance(SECOND);
    expect(story.effects).toEqual([{ type: 'send', channel: 'email' }]);
    expect(story.send(sent).position).toBe('emailPending.awaitingCode');
    expect(story.ledger).toEqual(['email unknown first', 'email sent automatic']);
  });

  it('stalls after that, takes a code that has arrived, and is tried by recovery within the limits', () => {
    const story = untilStalled();
    expect(story.status).toMatchObject({ stalled: { reason: 'providerUnavailable', detail }, email: { sends: 2 } });
    expect(story.can(recover)).toBe(false);
    expect(story.can(submit())).toBe(true);
    story.advance(30 * SECOND).send(recover, outOfService);
    expect(story.position).toBe('emailPending.stalled');
    expect(story.status.email?.sends).toBe(3);
    expect(story.send(submit(), wrong).position).toBe('emailPending.stalled');
    expect(story.send(submit(), right).position).toBe('smsPending.sending');
  });

  it('stalls at once if the policy allows no time for a retry', () => {
    const story = sendingTo('email', { policy: { cooldowns: [0], retrySendFor: 0 } }).send(outOfService);
    expect(story.position).toBe('emailPending.stalled');
    expect(story.can(submit())).toBe(true);
  });

  it('never exceeds the send limits, however long the provider is out of service', () => {
    const policy = { cooldowns: [SECOND], retrySendFor: 60 * MINUTE, sends: { per10Minutes: 3, perDay: 9 } };
    const story = untilStalled({ policy });
    expect(story.status).toMatchObject({ stalled: { reason: 'sendLimit' }, email: { sends: 3 } });
  });

  it('leads on from a pause', () => {
    const story = sendingTo('email', minute).send(pause, outOfService);
    expect(story.position).toBe('emailPending.paused');
    expect(story.send(resume).position).toBe('emailPending.awaitingCode');
  });
});

describe('a user that the provider does not know', () => {
  const stalled = () => sendingTo('email').send({ type: 'send.unknownUser', detail: '404 User not found' });

  it('is sent to once a recheck finds a record', () => {
    const story = stalled().send(recheck, record('open'));
    expect(story.position).toBe('emailPending.sending');
    expect(story.send(sent).ledger).toEqual(['email sent retry']);
  });

  it('stays stalled for the same reason where a recheck finds none', () => {
    const story = stalled().send(recheck, { type: 'record.refused', detail });
    expect(story.status.stalled).toMatchObject({ reason: 'unknownUser', detail: '404 User not found' });
  });

  it('may be verified by a record, or by an operator', () => {
    expect(stalled().send(recheck, record('verified')).position).toBe('smsPending.sending');
    expect(stalled().send(override()).context.evidence.email).toBe('operator');
  });
});
