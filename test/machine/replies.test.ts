import { describe, expect, it } from '@jest/globals';
import { awaiting, record, recheck, sendingTo, submit, unknown } from './support.ts';
import type { Told } from './support.ts';

/** "How each reply is to be read", from the machine's side: what comes of each answer, on both channels. */
const detail = 'said so';
const next = { email: 'smsPending.sending', sms: 'done' } as const;

describe.each(['email', 'sms'] as const)('an answer to a send by %s', (channel) => {
  const rows: readonly (readonly [Told, place: string, outcome: string, stall: string | null])[] = [
    [{ type: 'codeSent', to: '•••44' }, 'awaitingCode', 'sent', null],
    [{ type: 'sendAlreadyVerified' }, next[channel], 'alreadyVerified', null],
    [{ type: 'sendRefused', detail }, 'stalled', 'notSent', 'providerRefused'],
    [{ type: 'sendCredentials', detail }, 'stalled', 'notSent', 'credentials'],
    [{ type: 'sendRateLimited', detail }, 'stalled', 'notSent', 'rateLimited'],
    [{ type: 'sendUnreached', detail }, 'stalled', 'notSent', 'providerUnavailable'],
    [{ type: 'sendUnknown', detail }, 'awaitingCode', 'unknown', null],
  ];

  it.each(rows)('reads $type', (answer, place, outcome, stall) => {
    const story = sendingTo(channel).tell(answer);
    expect(story.place).toBe(place === next[channel] ? place : `${channel}Pending.${place}`);
    const entry = story.context.ledger.findLast((each) => each.channel === channel);
    expect(entry).toMatchObject({ outcome, why: 'first', reason: 'detail' in answer ? detail : null });
    expect(story.status.stalled?.reason ?? null).toBe(stall);
    expect(story.status[channel]?.guessesLeft).toBe(5);
    expect(story.status[channel]?.sends).toBe(outcome === 'sent' || outcome === 'unknown' ? 1 : 0);
  });

  it('takes 422 as the provider saying that it is verified', () => {
    const story = sendingTo(channel).tell({ type: 'sendAlreadyVerified' });
    expect(story.status[channel]).toMatchObject({ status: 'verified', evidence: 'provider' });
  });

  it('keeps where a code went, masked', () => {
    const story = sendingTo(channel).tell({ type: 'codeSent', to: '•••44' });
    expect(story.status[channel]?.lastSend).toMatchObject({ outcome: 'sent', to: '•••44' });
  });

  it('takes a code where nobody knows whether one was sent', () => {
    expect(sendingTo(channel).tell(unknown).takes(submit(channel))).toBe(true);
  });

  it('offers a stalled first send to retry, and no code to submit', () => {
    const story = sendingTo(channel).tell({ type: 'sendUnreached', detail });
    expect(Object.keys(story.allowed)).toEqual(['recheck', 'retry', 'pause', 'cancel', 'override']);
  });
});

describe.each(['email', 'sms'] as const)('an answer to a code by %s', (channel) => {
  const verified = channel === 'email' ? record('verified') : record('verified', 'verified');
  const rows: readonly (readonly [
    string,
    readonly Told[],
    place: string,
    guessesLeft: number,
    evidence: string | null,
  ])[] = [
    ['right', [{ type: 'codeRight' }], next[channel], 4, 'code'],
    ['already verified', [{ type: 'codeAlreadyVerified' }], next[channel], 4, 'provider'],
    ['wrong', [{ type: 'codeWrong' }], 'awaitingCode', 4, null],
    ['not judged', [{ type: 'codeNotJudged', detail, retryAfter: null }], 'awaitingCode', 5, null],
    ['not judged now', [{ type: 'codeNotJudged', detail, retryAfter: 60_000 }], 'awaitingCode', 5, null],
    ['lost', [{ type: 'codeUnknown', detail }], 'checkingCode', 4, null],
    ['lost, and the record says verified', [{ type: 'codeUnknown', detail }, verified], next[channel], 4, 'provider'],
    ['lost, and the record says open', [{ type: 'codeUnknown', detail }, record('open')], 'awaitingCode', 4, null],
    [
      'lost, and the record says nothing',
      [{ type: 'codeUnknown', detail }, record(null, null)],
      'awaitingCode',
      4,
      null,
    ],
    ...(['recordRefused', 'recordUnread', 'recordCredentials'] as const).map(
      (type) =>
        [
          `lost, and ${type}`,
          [
            { type: 'codeUnknown', detail },
            { type, detail },
          ],
          'awaitingCode',
          4,
          null,
        ] as const,
    ),
  ];

  it.each(rows)('reads %s', (_, answers, place, guessesLeft, evidence) => {
    const story = awaiting(channel).tell(submit(channel), ...answers);
    expect(story.place).toBe(place === next[channel] ? place : `${channel}Pending.${place}`);
    expect(story.status[channel]).toMatchObject({ guessesLeft, evidence });
    expect(story.status.stalled).toBeNull();
  });

  it('counts the guess before it is asked', () => {
    const story = awaiting(channel).tell(submit(channel));
    expect(story.effects).toEqual([{ type: 'confirm', channel, code: '123456' }]);
    expect(story.status[channel]?.guessesLeft).toBe(4);
  });

  it('never stalls a journey over a code that was not judged', () => {
    const story = awaiting(channel).tell(submit(channel), { type: 'codeNotJudged', detail, retryAfter: null });
    expect(story.status.stalled).toBeNull();
    expect(story.takes(submit(channel))).toBe(true);
  });

  it('means nothing for the other channel', () => {
    expect(awaiting(channel).takes(submit(channel === 'email' ? 'sms' : 'email'))).toBe(false);
  });
});

describe('the record of a user', () => {
  it('verifies what it says is verified', () => {
    const story = awaiting().tell(recheck, record('verified'));
    expect(story.status.email).toMatchObject({ status: 'verified', evidence: 'provider' });
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('brings an individual to done who is verified by both', () => {
    const story = awaiting().tell(recheck, record('verified', 'verified'));
    expect(story.place).toBe('done');
    expect(story.context.evidence).toEqual({ email: 'provider', sms: 'provider' });
  });

  it.each([record('open', 'verified'), record(null, null), { type: 'recordUnread', detail } as const])(
    'leaves the step as it was where it settles nothing: %j',
    (answer) => {
      const story = awaiting().tell(recheck, answer);
      expect(story.place).toBe('emailPending.awaitingCode');
      expect(story.effects).toEqual([]);
    },
  );

  it('leaves a stall as it was where it settles nothing', () => {
    const story = sendingTo('email').tell({ type: 'sendCredentials', detail }, recheck, record('open'));
    expect(story.place).toBe('emailPending.stalled');
    expect(story.status.stalled).toMatchObject({ reason: 'credentials', detail });
  });

  it('sends no text of its own accord where sFOX refused the phone', () => {
    const story = sendingTo('sms').tell({ type: 'sendRefused', detail }, recheck, record('verified'));
    expect(story.effects).toEqual([]);
    expect(story.place).toBe('smsPending.stalled');
  });
});
