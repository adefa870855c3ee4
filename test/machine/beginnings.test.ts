import { describe, expect, it } from '@jest/globals';
import { endingOf } from '../../workflows/ending.ts';
import { DAY, MINUTE, SECOND } from '../../workflows/policy.ts';
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
  const begun = () => new Story({ policy: { firstEmail: 'alreadySent' } });

  it('begins by waiting for it', () => {
    const story = begun();
    expect(story.place).toBe('emailPending.awaitingCode');
    expect(story.effects).toEqual([]);
    expect(story.status.email).toMatchObject({ sends: 0, lastSend: null, guessesLeft: 5 });
    expect(story.tell(submit(), right).context.evidence.email).toBe('code');
  });

  it('cools down from the start, and sends when asked', () => {
    const story = begun();
    expect(story.allowed.resend).toEqual({ at: new Date(story.clock + 30 * SECOND).toISOString() });
    story.pass(30 * SECOND).tell(resend(), sent);
    expect(story.allowed.resend).toEqual({ at: new Date(story.clock + 60 * SECOND).toISOString() });
  });

  it('is reminded after a day', () => {
    expect(begun().pass(DAY).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('sends the first text itself', () => {
    expect(begun().tell(submit(), right).effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });
});

describe('a journey that texts on request', () => {
  const rested = () => awaiting('email', { policy: { smsStart: 'onRequest' } }).tell(submit(), right);

  it('rests once the e-mail is verified', () => {
    const story = rested();
    expect(story.status).toMatchObject({ state: 'emailVerified', step: null, sms: { status: 'waiting' } });
    expect(Object.keys(story.allowed)).toEqual(['resend', 'recheck', 'pause', 'cancel', 'override']);
  });

  it('sends the first text when it is asked for', () => {
    const story = rested().tell(resend('sms'));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
    expect(story.tell(sent).place).toBe('smsPending.awaitingCode');
  });

  it('takes no resend of the e-mail', () => {
    expect(rested().takes(resend('email'))).toBe(false);
  });

  it('is done where the record says so', () => {
    expect(rested().tell(recheck, record('verified', 'verified')).place).toBe('done');
  });
});

describe('a business', () => {
  it('is done by e-mail alone', () => {
    const story = awaiting('email', { accountType: 'business' }).tell(submit(), right);
    expect(story.place).toBe('done');
    expect(story.status.sms).toMatchObject({ status: 'notNeeded', evidence: null, sends: 0 });
  });

  it('needs no phone, whatever its record says', () => {
    const story = awaiting('email', { accountType: 'business' }).tell(recheck, record('verified', 'verified'));
    expect(story.place).toBe('done');
    expect(story.context.evidence.sms).toBeNull();
  });

  it('is done by an override', () => {
    expect(awaiting('email', { accountType: 'business' }).tell(override()).place).toBe('done');
  });
});

describe('an override of the e-mail of an individual', () => {
  it('asks for the record before a text', () => {
    const story = awaiting().tell(override());
    expect(story.place).toBe('smsPending.sending');
    expect(story.effects).toEqual([{ type: 'readUser' }]);
    expect(story.tell(record('verified')).effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it.each([record('open'), record(null, null)])('stalls while the record does not agree: %j', (answer) => {
    const story = awaiting().tell(override(), answer);
    expect(story.place).toBe('smsPending.stalled');
    expect(story.status.stalled?.reason).toBe('providerRefused');
    expect(story.tell(retry).effects).toEqual([{ type: 'readUser' }]);
  });

  it('goes on when a recheck finds that the record agrees', () => {
    const story = awaiting().tell(override(), record('open'), recheck, record('verified'));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('asks once: the next text needs no record', () => {
    const story = awaiting().tell(override(), record('verified'), sent).pass(MINUTE).tell(resend('sms'));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it.each([
    ['recordUnread', 'providerUnavailable'],
    ['recordCredentials', 'credentials'],
    ['recordRefused', 'providerRefused'],
  ] as const)('stalls on %s as %s', (type, reason) => {
    const story = awaiting().tell(override(), { type, detail: 'said so' });
    expect(story.status.stalled).toMatchObject({ reason, detail: 'said so' });
  });

  it('leads to done where the record says that the phone is verified', () => {
    expect(awaiting().tell(override(), record('verified', 'verified')).place).toBe('done');
  });

  it('of the phone ends the journey', () => {
    const story = awaiting('sms').tell(override('sms'));
    expect(story.place).toBe('done');
    expect(story.context.evidence).toEqual({ email: 'code', sms: 'operator' });
  });
});

describe('a journey that restarts', () => {
  const ended = () => awaiting().tell(submit(), wrong, cancel);
  const restarted = (after: number) => {
    const before = ended();
    return new Story({ at: before.clock + after, ...restartedWith(endingOf(before.journey).carried) });
  };

  it('waits for the cool-down', () => {
    const story = restarted(SECOND);
    expect(story.place).toBe('emailPending.sending');
    expect(story.effects).toEqual([]);
    expect(story.pass(30 * SECOND).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('carries the counters of the last day', () => {
    const story = restarted(MINUTE);
    expect(story.status.email).toMatchObject({ sends: 1, guessesLeft: 4 });
    expect(story.tell(sent).context.guesses.email).toMatchObject({ onCode: 0, onChannel: 1 });
  });

  it('counts its sends on, by number', () => {
    expect(
      restarted(MINUTE)
        .tell(sent)
        .context.ledger.map(({ number }) => number),
    ).toEqual([1, 2]);
  });

  it('goes on telling the story, with a higher revision', () => {
    const story = restarted(MINUTE);
    expect(story.journey.log.map(({ what }) => what)).toEqual([
      'started',
      'codeSent',
      'submitCode',
      'codeWrong',
      'cancel',
      'restarted',
    ]);
    expect(story.journey.revision).toBe(ended().journey.revision + 1);
  });

  it('leaves behind what is older than a day', () => {
    const before = awaiting().tell(submit(), wrong).pass(DAY).tell(unreached, cancel);
    expect(endingOf(before.journey).carried).toMatchObject({
      ledger: [{ outcome: 'notSent' }],
      guesses: { email: { onCode: 0, onChannel: 0 } },
    });
  });
});

describe('the status', () => {
  it('says of a stalled journey since when and why', () => {
    const story = sendingTo('email').tell(refused);
    const since = new Date(story.clock).toISOString();
    expect(story.status.stalled).toEqual({ reason: 'providerRefused', since, detail: 'said so', nextRetryAt: null });
  });

  it('says that a phone waits for its e-mail', () => {
    expect(awaiting().status).toMatchObject({ email: { status: 'pending' }, sms: { status: 'waiting' } });
  });

  it('says that a phone waits while a pause holds an e-mail that is verified already', () => {
    const story = sendingTo('email').tell(pause, { type: 'sendAlreadyVerified' });
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
    expect(story.tell(submit()).journey.revision).toBe(revision + 1);
  });
});
