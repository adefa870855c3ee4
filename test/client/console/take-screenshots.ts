import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defaultPolicy, MINUTE } from '../../../workflows/journey/policy/policy.ts';
import { enterCode, waitUntil, guessWrong, operator, waitForPosition } from '../../support/stack.ts';
import { openStage } from './browser.ts';
import type { Stage } from './browser.ts';

/** Not a test: takes the README's pictures of the console, on a stack where a little of everything has happened. */

const folder = resolve('docs/pictures');
let stage: Stage;
beforeAll(async () => {
  const policy = { ...defaultPolicy, retrySendFor: 0, cooldowns: [0], callTimeout: 1_500 };
  stage = await openStage({ policy }, {}, 10 * MINUTE);
}, 60_000);
afterAll(() => stage?.close());

const userId = (nth: number) => `user-${1_040 + nth}`;

it('takes them', async () => {
  const { stack } = stage.gateway;
  const { onward } = stack;
  const begin = async (from: number, count: number, accountType: 'individual' | 'business' = 'individual') => {
    const users = Array.from({ length: count }, (_, nth) => userId(from + nth));
    await Promise.all(users.map((id) => onward.start(id, { accountType })));
    return users;
  };
  const all = await begin(0, 24);
  await begin(24, 5, 'business');
  for (const id of all) await waitForPosition(stack, id, 'emailPending.awaitingCode');
  const [first = '', second = '', third = ''] = all;
  await guessWrong(stack, first);
  await onward.pause(first, { reason: 'asked for by the user' }, operator);
  await onward.resume(first, { reason: 'the user is back' }, operator);
  for (const id of all.slice(0, 12)) await enterCode(stack, id, 'email');
  for (const id of all.slice(4, 9)) await enterCode(stack, id, 'sms');
  await onward.pause(second, { reason: 'looked into' }, operator);
  await onward.cancel(third, { reason: 'signed up twice' }, operator);
  stack.sfox.outage(true);
  const stalled = await begin(30, 9);
  for (const id of stalled) await waitForPosition(stack, id, 'emailPending.stalled');
  await waitUntil(async () => (await onward.count({ step: 'stalled' })) === 9, 'all are listed');
  stack.sfox.outage(false);
  const filter = { step: 'stalled' } as const;
  const order = { command: 'retry', filter, expected: 9, dryRun: true, reason: 'sFOX was away until 3:40' } as const;
  const { id } = await onward.operations.start(order, operator);
  await waitUntil(async () => (await onward.operations.get(id)).state === 'done', 'the dry run is over');

  await mkdir(folder, { recursive: true });
  const take = async (name: string, address: string, seen: string, colorScheme: 'light' | 'dark') => {
    const page = await stage.open(address, { colorScheme, width: 1_440 });
    await page.locator(seen).first().waitFor();
    // The figures of the last replies come with the next look.
    await page.waitForTimeout(3_000);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  };
  await take('overview', '/console/', '[data-box="emailPending.stalled"].warn', 'light');
  await take('people', '/console/people', '.list tbody tr', 'light');
  await take('person', `/console/people/${first}`, '.timeline li.at', 'dark');
  await take('operation', `/console/operations/${id}`, '.people tbody tr', 'light');
  expect(stage.pageErrors).toEqual([]);
}, 120_000);
