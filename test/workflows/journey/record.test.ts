import { describe, expect, it } from '@jest/globals';
import { MINUTE } from '../../../workflows/journey/policy/policy.ts';
import { awaiting, override, recheck, record, resend, sendingTo, sent, Story, submit } from './support.ts';
import type { TestEvent } from './support.ts';

const unsupported: TestEvent = {
  type: 'record.unsupported',
  record: {
    email: 'open',
    sms: 'open',
    provider: { status: 'UNSUPPORTED', isSupported: false, open: ['email', 'sms'] },
  },
  detail: 'the provider does not serve this person (UNSUPPORTED)',
};

describe("the provider's record", () => {
  it('that does not mention the e-mail lets an override continue with the text message', () => {
    const story = awaiting('email').send(override('email'), record(null, null));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
    expect(story.send(sent).position).toBe('smsPending.awaitingCode');
  });

  it('that still wants the e-mail stalls an override, until a recheck finds a record that does not', () => {
    const story = awaiting('email').send(override('email'), record('open'));
    expect([story.position, story.status.stalled?.reason]).toEqual(['smsPending.stalled', 'providerRefused']);
    story.send(recheck, record('open'));
    expect(story.position).toBe('smsPending.stalled');
    story.send(recheck, record(null));
    expect(story.effects).toEqual([{ type: 'send', channel: 'sms' }]);
    expect(story.position).toBe('smsPending.sending');
  });

  it.each([
    ['a code is awaited', () => awaiting('email').send(recheck), 'emailPending.stalled'],
    ['a text is awaited', () => awaiting('sms').send(recheck), 'smsPending.stalled'],
    [
      'a code was checked to no effect',
      () => awaiting('email').send(submit(), { type: 'code.unknown', detail: '' }),
      'emailPending.stalled',
    ],
    ['an operator verified the e-mail', () => awaiting('email').send(override('email')), 'smsPending.stalled'],
    [
      'the first text has not been asked for',
      () => sendingTo('sms', { policy: { smsStart: 'onRequest' } }).send(recheck),
      'smsPending.stalled',
    ],
  ] as const)('says UNSUPPORTED while %s: the journey stalls', (_, story, place) => {
    const stalled = story().send(unsupported);
    expect(stalled.position).toBe(place);
    expect(stalled.status.stalled).toMatchObject({
      reason: 'unsupported',
      detail: expect.stringContaining('not serve'),
    });
    expect(stalled.status.provider).toMatchObject({ status: 'UNSUPPORTED', open: ['email', 'sms'] });
    expect(Object.keys(stalled.allowed)).toEqual(expect.arrayContaining(['override', 'cancel', 'recheck']));
    expect(stalled.can({ type: 'recover' })).toBe(false);
    expect(stalled.effects).toEqual([]);
  });

  it('says again that the person is served: the user is awaited, and nothing is sent by itself', () => {
    const story = awaiting('email')
      .send(recheck, unsupported)
      .advance(10 * MINUTE)
      .send(recheck, record('open'));
    expect([story.position, story.effects, story.status.stalled]).toEqual(['emailPending.awaitingCode', [], null]);
    expect(story.send(resend()).effects).toEqual([{ type: 'send', channel: 'email' }]);
  });

  it('is shown in the status as of the time when it was read', () => {
    const provider = { status: 'PENDING', isSupported: true, open: ['sms', 'documents'] };
    const story = awaiting('email');
    expect(story.status.provider).toBeNull();
    story.send(recheck, { type: 'record.read', record: { email: null, sms: 'open', provider } });
    const asOf = new Date(story.clock).toISOString();
    const shown = { status: 'PENDING', open: ['sms', 'documents'], asOf };
    expect(story.status.provider).toEqual(shown);
    expect(story.advance(MINUTE).status.provider).toEqual(shown);
  });

  it('of an older release is not shown', () => {
    expect(new Story().send(sent, recheck, record('open')).status.provider).toBeNull();
  });
});
