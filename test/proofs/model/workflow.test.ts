import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { accountTypes } from '../../../workflows/context.ts';
import type { Policy } from '../../../workflows/policy.ts';
import { app, eventually, operator, quickPolicy, startStack, statusOf, untilAt, user } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { due, modelOf } from './model.ts';
import type { Event, Model } from './model.ts';
import { Provider } from './provider.ts';
import { tell } from './commands.ts';
import { seen, shown } from './seen.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const types = ['submitCode', 'resend', 'recheck', 'retry', 'pause', 'resume', 'override', 'cancel'] as const;
const lives = fc.record({
  accountType: fc.constantFrom(...accountTypes),
  smsStart: fc.constantFrom('automatic', 'onRequest'),
  asked: fc.array(
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
type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;

const policy: Policy = {
  ...quickPolicy,
  sends: { per10Minutes: 3, perDay: 9 },
  guesses: { perCode: 2, perChannel: 3 },
};

it('tells as the model does what a real journey comes to, whatever it is asked and sFOX answers', async () => {
  await fc.assert(fc.asyncProperty(lives, goThrough), { numRuns: 12, endOnFailure: true });
}, 240_000);

async function goThrough({ accountType, smsStart, asked, picks }: Life): Promise<void> {
  const userId = user('random', accountType === 'business' ? '.business' : '');
  const provider = new Provider(stack.sfox, userId);
  const model = modelOf(accountType, { ...policy, smsStart }, Date.now());
  const left = [...picks];
  const pick = (count: number) => (left.shift() ?? 0) % count;
  provider.settle(model, false, pick);
  await stack.facade({ policy }).start(userId, { accountType, smsStart });
  await agree(userId, model);
  for (const { type, isRight, isVerifiedBefore } of asked) {
    if (isEnded(model)) return;
    if (isVerifiedBefore) provider.verify(due(model));
    const code = isRight ? codeOf(userId, model) : undefined;
    const before = JSON.stringify({ ...model, now: 0 });
    const by = { role: 'operator', name: 'night' };
    tell(model, { type, channel: due(model), code: '', by, reason: null, at: Date.now() } as Event);
    const isTaken = JSON.stringify({ ...model, now: 0 }) !== before;
    provider.settle(model, code !== undefined, pick);
    const channel = (JSON.parse(before) as Model).email.verified === null ? 'email' : 'sms';
    const outcome = await ask(userId, type, channel, code ?? '0000').catch((error: { code: string }) => error.code);
    expect({ type, isRefused: ['not_now', 'cooling_down'].includes(outcome) }).toEqual({ type, isRefused: !isTaken });
    await agree(userId, model);
  }
}

const isEnded = ({ state }: Model) => ['done', 'cancelled', 'expired'].includes(state);

/** A record is read in the step in which the user is waited for: the status may be asked before it has come. */
async function agree(userId: string, model: Model): Promise<void> {
  const { state, step } = model;
  await untilAt(stack, userId, step === null ? state : `${state}.${step}`);
  const expected = seen(model);
  const isSame = async () => isDeepStrictEqual(shown(await statusOf(stack, userId)), expected);
  await eventually(isSame, `${userId} is as the model`, 5_000).catch(() => {});
  expect(shown(await statusOf(stack, userId))).toEqual(expected);
}

const codeOf = (userId: string, model: Model) =>
  stack.sfox.outbox(userId).findLast(({ channel }) => channel === due(model))?.code;

async function ask(
  userId: string,
  type: (typeof types)[number],
  channel: 'email' | 'sms',
  code: string,
): Promise<string> {
  const because = { reason: 'by chance' };
  const { onward } = stack;
  if (type === 'submitCode') await onward.submitCode(userId, { channel, code }, app);
  else if (type === 'resend') await onward.resend(userId, { channel }, app);
  else if (type === 'recheck') await onward.recheck(userId, {}, app);
  else if (type === 'override') await onward.override(userId, { channel, ...because }, operator);
  else await onward[type](userId, because, operator);
  return 'taken';
}
