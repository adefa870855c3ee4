import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import {
  app,
  waitUntil,
  operator,
  quickPolicy,
  startStack,
  statusOf,
  waitForPosition,
  uniqueUserId,
} from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { due, modelOf } from './model.ts';
import type { Event, Model } from './model.ts';
import { Provider } from './provider.ts';
import { applyEvent } from './commands.ts';
import { statusOfModel, comparableStatus } from './status.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const types = ['submitCode', 'resend', 'recheck', 'retry', 'pause', 'resume', 'override', 'cancel'] as const;
const lives = fc.record({
  accountType: fc.constantFrom(...accountTypes),
  smsStart: fc.constantFrom('automatic', 'onRequest'),
  commands: fc.array(
    fc.record({
      type: fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...types.slice(0, 6)) },
        { weight: 1, arbitrary: fc.constantFrom(...types) },
      ),
      isRight: fc.boolean(),
      isVerifiedBefore: fc.integer({ min: 0, max: 9 }).map((nth) => nth === 0),
    }),
    { minLength: 4, maxLength: 9, size: 'max' },
  ),
  picks: fc.array(fc.nat(999), { minLength: 40, maxLength: 40 }),
});
type RandomJourney = typeof lives extends fc.Arbitrary<infer T> ? T : never;

const policy: Policy = {
  ...quickPolicy,
  sends: { per10Minutes: 3, perDay: 9 },
  guesses: { perCode: 2, perChannel: 3 },
};

it('agrees with the model on a real journey, for any commands and replies of sFOX', async () => {
  await fc.assert(fc.asyncProperty(lives, compareWithModel), { numRuns: 12, endOnFailure: true });
}, 240_000);

async function compareWithModel({ accountType, smsStart, commands, picks }: RandomJourney): Promise<void> {
  const userId = uniqueUserId('random', accountType === 'business' ? '.business' : '');
  const provider = new Provider(stack.sfox, userId);
  const model = modelOf(accountType, { ...policy, smsStart }, Date.now());
  const left = [...picks];
  const pick = (count: number) => (left.shift() ?? 0) % count;
  provider.settle(model, false, pick);
  await stack.facade({ policy }).start(userId, { accountType, smsStart });
  await agree(userId, model);
  for (const { type, isRight, isVerifiedBefore } of commands) {
    if (isEnded(model)) return;
    if (isVerifiedBefore) provider.verify(due(model));
    const code = isRight ? codeOf(userId, model) : undefined;
    const before = JSON.stringify({ ...model, now: 0 });
    const by = { role: 'operator', name: 'night' };
    applyEvent(model, { type, channel: due(model), code: '', by, reason: null, at: Date.now() } as Event);
    const isTaken = JSON.stringify({ ...model, now: 0 }) !== before;
    provider.settle(model, code !== undefined, pick);
    const channel = (JSON.parse(before) as Model).email.verified === null ? 'email' : 'sms';
    const outcome = await send(userId, type, channel, code ?? '0000').catch((error: { code: string }) => error.code);
    expect({ type, isRefused: ['invalid_state', 'cooling_down'].includes(outcome) }).toEqual({
      type,
      isRefused: !isTaken,
    });
    await agree(userId, model);
  }
}

const isEnded = ({ state }: Model) => ['done', 'cancelled', 'expired'].includes(state);

/** The step does not change while a record is read, so the status may come before the record. */
async function agree(userId: string, model: Model): Promise<void> {
  const { state, step } = model;
  await waitForPosition(stack, userId, step === null ? state : `${state}.${step}`);
  const expected = statusOfModel(model);
  const isSame = async () => isDeepStrictEqual(comparableStatus(await statusOf(stack, userId)), expected);
  await waitUntil(isSame, `${userId} is as the model`, 5_000).catch(() => {});
  expect(comparableStatus(await statusOf(stack, userId))).toEqual(expected);
}

const codeOf = (userId: string, model: Model) =>
  stack.sfox.outbox(userId).findLast(({ channel }) => channel === due(model))?.code;

async function send(
  userId: string,
  type: (typeof types)[number],
  channel: 'email' | 'sms',
  code: string,
): Promise<string> {
  const reason = { reason: 'by chance' };
  const { onward } = stack;
  if (type === 'submitCode') await onward.submitCode(userId, { channel, code }, app);
  else if (type === 'resend') await onward.resend(userId, { channel }, app);
  else if (type === 'recheck') await onward.recheck(userId, {}, app);
  else if (type === 'override') await onward.override(userId, { channel, ...reason }, operator);
  else await onward[type](userId, reason, operator);
  return 'accepted';
}
