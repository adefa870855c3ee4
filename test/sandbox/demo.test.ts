import { describe, expect, it } from '@jest/globals';
import { complaints } from '../../sandbox/demo/check.ts';
import { wrongs } from '../../sandbox/demo/curtain.ts';
import { picture, road } from '../../sandbox/demo/picture.ts';
import { stories, userIdOf } from '../../sandbox/demo/stories.ts';
import type { Story } from '../../sandbox/demo/stories.ts';
import { LABELS } from '../../sandbox/sfox/index.ts';
import type { RequestRecord } from '../../sandbox/sfox/index.ts';
import { states } from '../../workflows/status.ts';
import type { ChannelStatus, Status } from '../../workflows/status.ts';

const ada = stories.find(({ name }) => name === 'ada') as Story;

const byCode: ChannelStatus = {
  status: 'verified',
  evidence: 'code',
  sends: 1,
  lastSend: { outcome: 'sent', at: '2026-11-24T00:00:00.000Z', to: null },
  guessesLeft: 3,
};
const status: Status = {
  userId: 'ada',
  accountType: 'individual',
  state: 'done',
  step: null,
  revision: 7,
  live: true,
  startedAt: '2026-11-24T00:00:00.000Z',
  updatedAt: null,
  expiresAt: null,
  email: byCode,
  sms: byCode,
  stalled: null,
  allowed: {},
};

const asked = (
  call: RequestRecord['call'],
  channel: RequestRecord['channel'],
  answered: RequestRecord['status'] = 200,
) => {
  return { at: '', method: 'POST', userId: 'ada', fault: null, verified: [], call, channel, status: answered };
};
const sendEmail = asked('send', 'email');
const sendSms = asked('send', 'sms');
const confirmEmail = asked('confirm', 'email');
const confirmSms = asked('confirm', 'sms');
const log = [sendEmail, confirmEmail, sendSms, confirmSms];

describe('what the demonstration checks in the end', () => {
  it('has nothing to say where all is as the story ends', () => {
    expect(complaints(ada, status, log)).toEqual([]);
  });

  const sms = (change: Partial<ChannelStatus>) => ({ ...status, sms: { ...byCode, ...change } });
  it.each<[string, Status | null, RequestRecord[], string]>([
    ['no journey', null, log, 'has no journey'],
    ['another state', { ...status, state: 'smsPending' }, log, 'is smsPending, not done'],
    ['another evidence', sms({ evidence: 'operator' }), log, 'sms: evidence is operator, not code'],
    ['another outcome', sms({ lastSend: null }), log, 'sms: last is null, not sent'],
    ['a send too many', sms({ sends: 2 }), [...log.slice(0, 3), sendSms, confirmSms], 'sms: sends is 2, not 1'],
    ['a send that the ledger missed', status, [sendEmail, ...log], 'email: the provider sent 2, the ledger counts 1'],
    [
      'a text before the e-mail was verified',
      status,
      [sendEmail, sendSms, confirmEmail, confirmSms],
      'sms: a send was asked for before the e-mail was verified',
    ],
    [
      'a send to a verified channel',
      status,
      [...log, asked('send', 'email', 422)],
      'email: a send was asked for when it was verified',
    ],
    [
      'a text though no e-mail was verified',
      status,
      [sendEmail, sendSms, confirmSms],
      'sms: a send was asked for before the e-mail was verified',
    ],
  ])('finds %s', (_, status, log, complaint) => {
    expect(complaints(ada, status, log)).toContain(complaint);
  });

  it('names the user, also where only the playing failed', () => {
    const outcome = { story: ada, userId: 'ada', status, happened: [], failure: 'was still under way' };
    expect(wrongs([outcome], log)).toEqual(['ada (two codes, both entered): was still under way']);
    expect(wrongs([{ ...outcome, failure: null }], [])).toHaveLength(2);
  });
});

describe('the stories', () => {
  it('have users of their own, with labels that the simulator knows', () => {
    expect(new Set(stories.map((story) => userIdOf(story, 'run'))).size).toBe(stories.length);
    const labels = stories.flatMap(({ label }) => label ?? []);
    expect(Object.keys(LABELS)).toEqual(expect.arrayContaining(labels));
  });

  it('show every end that there is', () => {
    expect(new Set(stories.map(({ ends }) => ends.state))).toEqual(new Set(['done', 'cancelled', 'expired']));
  });
});

describe("the machine's picture", () => {
  it('has the longest way in the middle and every state in it', () => {
    expect(road).toEqual(['emailPending', 'emailVerified', 'smsPending', 'done']);
    const drawn = picture({ done: 3 });
    for (const state of states) expect(drawn).toContain(state);
    expect(drawn).toContain('done (3)');
  });
});
