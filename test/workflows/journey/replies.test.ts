import { describe, expect, it } from '@jest/globals';
import { awaiting, record, recheck, sendingTo, submit, unknown } from './support.ts';
import type { TestEvent } from './support.ts';

/** "How each reply is to be read", from the machine's side: what comes of each answer, on both channels. */
const detail = 'said so';
const next = { email: 'smsPending.sending', sms: 'done' } as const;

describe.each(['email', 'sms'] as const)('an answer to a send by %s', (channel) => {
  const rows: readonly (readonly [TestEvent, place: string, outcome: string, stall: string | null])[] = [
    [{ type: 'send.sent', to: '•••44' }, 'awaitingCode', 'sent', null],
    [{ type: 'send.alreadyVerified' }, next[channel], 'alreadyVerified', null],
    [{ type: 'send.refused', detail }, 'stalled', 'notSent', 'providerRefused'],
    [{ type: 'send.credentials', detail }, 'stalled', 'notSent', 'credentials'],
    [{ type: 'send.rateLimited', detail }, 'stalled', 'notSent', 'rateLimited'],
    [{ type: 'send.unreached', detail }, 'stalled', 'notSent', 'providerUnavailable'],
    [{ type: 'send.unknownUser', detail }, 'stalled', 'notSent', 'unknownUser'],
    [{ type: 'send.outOfService', detail }, 'awaitingCode', 'unknown', null],
    [{ type: 'send.unknown', detail }, 'awaitingCode', 'unknown', null],
  ];

  it.each(rows)('reads $type', (answer, place, outcome, stall) => {
    const story = sendingTo(channel).send(answer);
    expect(story.position).toBe(place === next[channel] ? place : `${channel}Pending.${place}`);
    const entry = story.context.ledger.findLast((each) => each.channel === channel);
    expect(entry).toMatchObject({ outcome, why: 'first', reason: 'detail' in answer ? detail : null });
    expect(story.status.stalled?.reason ?? null).toBe(stall);
    expect(story.status[channel]?.guessesLeft).toBe(5);
    expect(story.status[channel]?.sends).toBe(outcome === 'sent' || outcome === 'unknown' ? 1 : 0);
  });

  it('takes 422 as the provider saying that it is verified', () => {
    const story = sendingTo(channel).send({ type: 'send.alreadyVerified' });
    expect(story.status[channel]).toMatchObject({ status: 'verified', evidence: 'provider' });
  });

  it('stores the masked recipient of a code', () => {
    const story = sendingTo(channel).send({ type: 'send.sent', to: '•••44' });
    expect(story.status[channel]?.lastSend).toMatchObject({ outcome: 'sent', to: '•••44' });
  });

  it('accepts a code if it is unknown whether one was sent', () => {
    expect(sendingTo(channel).send(unknown).can(submit(channel))).toBe(true);
  });

  it('offers a stalled first send to retry, and no code to submit', () => {
    const story = sendingTo(channel).send({ type: 'send.unreached', detail });
    expect(Object.keys(story.allowed)).toEqual(['visit', 'recheck', 'retry', 'pause', 'cancel', 'override']);
  });
});

describe.each(['email', 'sms'] as const)('an answer to a code by %s', (channel) => {
  const verified = channel === 'email' ? record('verified') : record('verified', 'verified');
  const rows: readonly (readonly [
    string,
    readonly TestEvent[],
    place: string,
    guessesLeft: number,
    evidence: string | null,
  ])[] = [
    ['right', [{ type: 'code.correct' }], next[channel], 4, 'code'],
    ['already verified', [{ type: 'code.alreadyVerified' }], next[channel], 4, 'provider'],
    ['wrong', [{ type: 'code.incorrect' }], 'awaitingCode', 4, null],
    ['not checked', [{ type: 'code.notChecked', detail, retryAfter: null }], 'awaitingCode', 5, null],
    ['not checked now', [{ type: 'code.notChecked', detail, retryAfter: 60_000 }], 'awaitingCode', 5, null],
    ['lost', [{ type: 'code.unknown', detail }], 'checkingCode', 4, null],
    ['lost, and the record says verified', [{ type: 'code.unknown', detail }, verified], next[channel], 4, 'provider'],
    ['lost, and the record says open', [{ type: 'code.unknown', detail }, record('open')], 'awaitingCode', 4, null],
    [
      'lost, and the record says nothing',
      [{ type: 'code.unknown', detail }, record(null, null)],
      'awaitingCode',
      4,
      null,
    ],
    ...(['record.refused', 'record.unread', 'record.rateLimited', 'record.credentials'] as const).map(
      (type) =>
        [
          `lost, and ${type}`,
          [
            { type: 'code.unknown', detail },
            { type, detail },
          ],
          'awaitingCode',
          4,
          null,
        ] as const,
    ),
  ];

  it.each(rows)('reads %s', (_, answers, place, guessesLeft, evidence) => {
    const story = awaiting(channel).send(submit(channel), ...answers);
    expect(story.position).toBe(place === next[channel] ? place : `${channel}Pending.${place}`);
    expect(story.status[channel]).toMatchObject({ guessesLeft, evidence });
    expect(story.status.stalled).toBeNull();
  });

  it('counts the guess before the provider is asked', () => {
    const story = awaiting(channel).send(submit(channel));
    expect(story.effects).toEqual([{ type: 'confirm', channel, code: '123456' }]);
    expect(story.status[channel]?.guessesLeft).toBe(4);
  });

  it('never stalls a journey because a code was not checked', () => {
    const story = awaiting(channel).send(submit(channel), { type: 'code.notChecked', detail, retryAfter: null });
    expect(story.status.stalled).toBeNull();
    expect(story.can(submit(channel))).toBe(true);
  });

  it('means nothing for the other channel', () => {
    expect(awaiting(channel).can(submit(channel === 'email' ? 'sms' : 'email'))).toBe(false);
  });
});

describe('the record of a user', () => {
  it('verifies what it says is verified', () => {
    const story = awaiting().send(recheck, record('verified'));
    expect(story.status.email).toMatchObject({ status: 'verified', evidence: 'provider' });
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
  });

  it('brings an individual to done who is verified by both', () => {
    const story = awaiting().send(recheck, record('verified', 'verified'));
    expect(story.position).toBe('done');
    expect(story.context.evidence).toEqual({ email: 'provider', sms: 'provider' });
  });

  it.each([record('open', 'verified'), record(null, null), { type: 'record.unread', detail } as const])(
    'leaves the step unchanged if it decides nothing: %j',
    (answer) => {
      const story = awaiting().send(recheck, answer);
      expect(story.position).toBe('emailPending.awaitingCode');
      expect(story.effects).toEqual([]);
    },
  );

  it('leaves a stall unchanged if it decides nothing', () => {
    const story = sendingTo('email').send({ type: 'send.credentials', detail }, recheck, record('open'));
    expect(story.position).toBe('emailPending.stalled');
    expect(story.status.stalled).toMatchObject({ reason: 'credentials', detail });
  });

  it('sends no automatic text if sFOX refused the phone', () => {
    const story = sendingTo('sms').send({ type: 'send.refused', detail }, recheck, record('verified'));
    expect(story.effects).toEqual([]);
    expect(story.position).toBe('smsPending.stalled');
  });
});
