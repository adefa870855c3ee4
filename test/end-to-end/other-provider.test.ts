import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VerificationProvider } from '../../activities/verification-provider.ts';
import { checkProviderReplies } from '../../client/doctor/provider-checks.ts';
import { Onward } from '../../client/onward.ts';
import { journeyId } from '../../workflows/contract.ts';
import { callsOf, operator, startStack, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** The journeys name this provider. The worker that runs first is one of another, as after a wrong `SFOX_BASE_URL`. */
const PROVIDER = 'https://provider.example';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ onward: { provider: PROVIDER }, worker: { healthReportInterval: 100 } });
});
afterAll(() => stack?.close());

/** Waits until a worker has refused the send of a journey. */
const untilRefused = (userId: string) =>
  waitUntil(async () => {
    const { raw } = await stack.client.workflow.getHandle(journeyId(userId)).describe();
    const [pending] = raw.pendingActivities ?? [];
    return pending?.lastFailure?.applicationFailureInfo?.type === 'OtherProvider';
  }, 'the worker has refused the send');

it('refuses the journeys of another provider, which continue once a worker of their provider runs', async () => {
  const userId = uniqueUserId('waits');
  await stack.onward.start(userId, { accountType: 'individual' });
  await untilRefused(userId);
  expect(callsOf(stack, userId)).toEqual([]);
  const check = await waitUntil(async () => {
    const found = await checkProviderReplies(stack.client, stack.taskQueue);
    return found.ok === false && found;
  }, 'doctor names it');
  expect(check.found).toMatch(/refused \d+ requests of journeys of another provider/);
  expect(check.fix).toContain('SFOX_FORMER_URLS');

  // One process can have one worker of a task queue.
  await stack.stopWorkers();
  const stop = await stack.startWorker({ providerId: PROVIDER });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  expect(callsOf(stack, userId)).toEqual(['send email 200']);
  await stop();
  await stack.startWorker();
});

it('lets a journey be cancelled that waits for a worker of its provider', async () => {
  const userId = uniqueUserId('cancelled');
  await stack.onward.start(userId, { accountType: 'individual' });
  await untilRefused(userId);
  expect(await stack.onward.cancel(userId, { reason: 'a test' }, operator)).toMatchObject({ userId });
  await waitForPosition(stack, userId, 'cancelled');
  expect(callsOf(stack, userId)).toEqual([]);
});

it('names the provider of a superseded journey in its successor, whichever worker starts it', async () => {
  const userId = uniqueUserId('superseded');
  const newUserId = `${userId}-2`;
  await stack.onward.start(userId, { accountType: 'individual' });
  await untilRefused(userId);
  await stack.onward.supersede(userId, { newUserId, reason: 'a test' }, operator);
  await untilRefused(newUserId);
  expect(callsOf(stack, newUserId)).toEqual([]);
});

it('serves the journeys of the same provider under its earlier address, and a restart names the new one', async () => {
  const userId = uniqueUserId('moved');
  await stack.onward.start(userId, { accountType: 'individual' });
  await untilRefused(userId);
  await stack.stopWorkers();
  await stack.startWorker({ formerProviderIds: [PROVIDER] });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');

  await stack.onward.cancel(userId, { reason: 'a test' }, operator);
  await waitForPosition(stack, userId, 'cancelled');
  await stack.facade({ provider: new URL(stack.sfox.url).origin }).restart(userId, { reason: 'a test' }, operator);
  await stack.stopWorkers();
  await stack.startWorker();
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  expect(callsOf(stack, userId)).toEqual(['send email 200', 'send email 200']);
});

describe('a provider of your own', () => {
  /** Sends nothing; its worker must not be asked at all for the journeys of others. */
  const createProvider = () => {
    const calls: string[] = [];
    const provider: VerificationProvider = {
      async sendCode({ userId }) {
        calls.push(userId);
        return { type: 'sent', to: null };
      },
      async confirmCode() {
        return { type: 'right' };
      },
      async readUser() {
        return { email: 'open', sms: 'open' };
      },
    };
    return { provider, calls };
  };

  it.each([
    ['refuses the journeys of another provider', 'shop-messages'],
    ['without a name refuses every journey that names a provider', undefined],
  ])('%s, and serves its own', async (_, providerId) => {
    const { provider, calls } = createProvider();
    await stack.stopWorkers();
    const name = providerId === undefined ? {} : { provider: providerId };
    await stack.startWorker({ provider, ...(providerId !== undefined && { providerId }) });
    const foreign = uniqueUserId('foreign');
    await stack.onward.start(foreign, { accountType: 'individual' });
    await untilRefused(foreign);

    const own = uniqueUserId('own');
    const ownFacade = new Onward({ client: stack.client, taskQueue: stack.taskQueue, ...name });
    await ownFacade.start(own, { accountType: 'individual' });
    await waitForPosition(stack, own, 'emailPending.awaitingCode');
    expect(calls).toEqual([own]);
  });
});
