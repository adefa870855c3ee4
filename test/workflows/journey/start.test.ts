import { describe, expect, it } from '@jest/globals';
import { resultOf, successorOf } from '../../../workflows/journey/status/result.ts';
import { DAY, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { timelineOf } from '../../../workflows/journey/status/timeline.ts';
import {
  awaiting,
  cancel,
  override,
  pause,
  recheck,
  record,
  refused,
  resend,
  retry,
  right,
  restartedWith,
} from './support.ts';
import { sendingTo, sent, Story, submit, unreached, wrong } from './support.ts';

describe('a journey whose first code sFOX mailed', () => {
  const storyWithMail = () => new Story({ policy: { firstEmail: 'alreadySent' } });

  it('begins by waiting for it', () => {
    const story = storyWithMail();
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.effects).toEqual([]);
    expect(story.status.email).toMatchObject({ sends: 0, lastSend: null, guessesLeft: 5 });
    expect(story.send(submit(), right).context.evidence.email).toBe('code');
  });

  it('starts the cool-down at the start, and sends on request', () => {
    const story = storyWithMail();
    expect(story.allowed.resend).toEqual({ at: new Date(story.clock + 30 * SECOND).toISOString() });
    story.advance(30 * SECOND).send(resend(), sent);
    expect(story.allowed.resend).toEqual({ at: new Date(story.clock + 60 * SECOND).toISOString() });
  });

  it('is reminded after a day', () => {
    expect(storyWithMail().advance(DAY).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('sends the first text itself', () => {
    expect(storyWithMail().send(submit(), right).effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });
});

describe('a journey that texts on request', () => {
  const rested = () => awaiting('email', { policy: { smsStart: 'onRequest' } }).send(submit(), right);

  it('rests once the e-mail is verified', () => {
    const story = rested();
    expect(story.status).toMatchObject({ state: 'emailVerified', step: null, sms: { status: 'waiting' } });
    expect(Object.keys(story.allowed)).toEqual(['resend', 'recheck', 'pause', 'cancel', 'override']);
  });

  it('sends the first text on request', () => {
    const story = rested().send(resend('sms'));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
    expect(story.send(sent).position).toBe('smsPending.awaitingCode');
  });

  it('takes no resend of the e-mail', () => {
    expect(rested().can(resend('email'))).toBe(false);
  });

  it('is done if the record says so', () => {
    expect(rested().send(recheck, record('verified', 'verified')).position).toBe('done');
  });
});

describe('a business', () => {
  it('is done by e-mail only', () => {
    const story = awaiting('email', { accountType: 'business' }).send(submit(), right);
    expect(story.position).toBe('done');
    expect(story.status.sms).toMatchObject({ status: 'notNeeded', evidence: null, sends: 0 });
  });

  it('needs no phone, even if its record lists one', () => {
    const story = awaiting('email', { accountType: 'business' }).send(recheck, record('verified', 'verified'));
    expect(story.position).toBe('done');
    expect(story.context.evidence.sms).toBeNull();
  });

  it('is done by an override', () => {
    expect(awaiting('email', { accountType: 'business' }).send(override()).position).toBe('done');
  });
});

describe('an override of the e-mail of an individual', () => {
  it('asks for the record before a text', () => {
    const story = awaiting().send(override());
    expect(story.position).toBe('smsPending.sending');
    expect(story.effects).toEqual([{ type: 'readUser' }]);
    expect(story.send(record('verified')).effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it.each([record('open'), record('open', null)])('stalls while the record wants the e-mail: %j', (answer) => {
    const story = awaiting().send(override(), answer);
    expect(story.position).toBe('smsPending.stalled');
    expect(story.status.stalled?.reason).toBe('providerRefused');
    expect(story.send(retry).effects).toEqual([{ type: 'readUser' }]);
  });

  it('continues when a recheck finds that the record agrees', () => {
    const story = awaiting().send(override(), record('open'), recheck, record('verified'));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('asks once: the next text needs no record', () => {
    const story = awaiting().send(override(), record('verified'), sent).advance(MINUTE).send(resend('sms'));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it.each([
    ['record.unread', 'providerUnavailable'],
    ['record.rateLimited', 'rateLimited'],
    ['record.credentials', 'credentials'],
    ['record.refused', 'providerRefused'],
  ] as const)('stalls on %s as %s', (type, reason) => {
    const story = awaiting().send(override(), { type, detail: 'said so' });
    expect(story.status.stalled).toMatchObject({ reason, detail: 'said so' });
  });

  it('leads to done if the record says that the phone is verified', () => {
    expect(awaiting().send(override(), record('verified', 'verified')).position).toBe('done');
  });

  it('of the phone ends the journey', () => {
    const story = awaiting('sms').send(override('sms'));
    expect(story.position).toBe('done');
    expect(story.context.evidence).toEqual({ email: 'code', sms: 'operator' });
  });
});

describe('a journey that restarts', () => {
  const ended = () => awaiting().send(submit(), wrong, cancel);
  const restarted = (after: number) => {
    const before = ended();
    return new Story({ at: before.clock + after, ...restartedWith(resultOf(before.journey).carried) });
  };

  it('waits for the cool-down', () => {
    const story = restarted(SECOND);
    expect(story.position).toBe('emailPending.sending');
    expect(story.effects).toEqual([]);
    expect(story.advance(30 * SECOND).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('carries the counters of the last day', () => {
    const story = restarted(MINUTE);
    expect(story.status.email).toMatchObject({ sends: 1, guessesLeft: 4 });
    expect(story.send(sent).context.guesses.email).toMatchObject({ onCode: 0, onChannel: 1 });
  });

  it('counts its sends on, by number', () => {
    expect(
      restarted(MINUTE)
        .send(sent)
        .context.ledger.map(({ number }) => number),
    ).toEqual([1, 2]);
  });

  it('continues the timeline, with a higher revision', () => {
    const story = restarted(MINUTE);
    expect(story.journey.log.map(({ type }) => type)).toEqual([
      'started',
      'send.sent',
      'submitCode',
      'code.incorrect',
      'cancel',
      'restarted',
    ]);
    expect(story.journey.revision).toBe(ended().journey.revision + 1);
  });

  it('leaves behind what is older than a day', () => {
    const before = awaiting().send(submit(), wrong).advance(DAY).send(unreached, cancel);
    expect(resultOf(before.journey).carried).toMatchObject({
      ledger: [{ outcome: 'notSent' }],
      guesses: { email: { onCode: 0, onChannel: 0 } },
    });
  });
});

describe('a journey that supersedes another one', () => {
  const superseded = (changed?: 'email' | 'sms') => {
    const event = { type: 'cancel', supersededBy: 'ada-2', ...(changed && { changed }) } as const;
    return awaiting().send(submit(), wrong, submit(), right, sent, submit('sms'), wrong, event);
  };
  const successor = (changed?: 'email' | 'sms', policy: Partial<Policy> = {}) => {
    const before = superseded(changed);
    const next = successorOf(before.journey);
    if (next === undefined) throw new Error('the journey has no successor');
    return new Story({ at: before.clock + SECOND, ...next, policy: { ...next.policy, ...policy } });
  };

  it('is named by the superseded journey, and names it', () => {
    expect(superseded().status).toMatchObject({ state: 'cancelled', supersededBy: 'ada-2', supersedes: null });
    expect(successor().status).toMatchObject({ userId: 'ada-2', revision: 1, supersededBy: null, supersedes: 'ada' });
    expect(timelineOf(superseded().journey.log).at(-1)?.what).toBe('Cancelled: superseded by the journey of ada-2');
    expect(timelineOf(successor().journey.log).map(({ what }) => what)).toEqual([
      'Started: supersedes the journey of ada',
    ]);
  });

  it('verifies both channels again, with the counters of the last day', () => {
    const { status } = successor();
    expect(status).toMatchObject({ state: 'emailPending', step: 'sending' });
    expect(status.email).toMatchObject({ evidence: null, sends: 1, guessesLeft: 3 });
    expect(status.sms).toMatchObject({ sends: 1, guessesLeft: 4 });
  });

  it('starts at zero for the channel that an operator has named', () => {
    const { status } = successor('sms');
    expect(status.email).toMatchObject({ sends: 1 });
    expect(status.sms).toMatchObject({ sends: 0, lastSend: null, guessesLeft: 5 });
  });

  it('waits for the code that sFOX mailed on registration, and cools down from its own start', () => {
    const story = successor(undefined, { firstEmail: 'alreadySent' });
    expect(story.position).toBe('emailPending.awaitingCode');
    expect(story.effects).toEqual([]);
    expect(story.allowed.resend).toEqual({ at: new Date(story.clock + 60 * SECOND).toISOString() });
  });

  it('keeps the link when it restarts, and none after a cancellation for another reason', () => {
    const before = successor().send(cancel);
    const story = new Story({ at: before.clock, ...restartedWith(resultOf(before.journey).carried) });
    expect(story.status).toMatchObject({ supersedes: 'ada', supersededBy: null });
    expect(successorOf(before.journey)).toBeUndefined();
  });
});

describe('the status', () => {
  it('says of a stalled journey since when and why', () => {
    const story = sendingTo('email').send(refused);
    const since = new Date(story.clock).toISOString();
    expect(story.status.stalled).toEqual({ reason: 'providerRefused', since, detail: 'said so', nextRetryAt: null });
  });

  it('says that a phone waits for its e-mail', () => {
    expect(awaiting().status).toMatchObject({ email: { status: 'pending' }, sms: { status: 'waiting' } });
  });

  it('shows the phone as waiting while a pause delays an e-mail that is verified already', () => {
    const story = sendingTo('email').send(pause, { type: 'send.alreadyVerified' });
    expect(story.status).toMatchObject({
      state: 'emailPending',
      step: 'paused',
      email: { status: 'verified' },
      sms: { status: 'waiting' },
    });
  });

  it('counts what can be seen', () => {
    const story = awaiting();
    const { revision } = story.journey;
    expect(story.send(submit()).journey.revision).toBe(revision + 1);
  });
});
