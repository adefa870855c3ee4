import { afterEach, expect, it } from '@jest/globals';
import type { ListedUser } from '../../activities/contract.ts';
import type { VerificationProvider } from '../../activities/verification-provider.ts';
import { operator, quickPolicy, startStack, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** Reconciliation with a provider that was given in code. */

let stack: Stack | undefined;
afterEach(async () => {
  await stack?.close();
});

const calls: VerificationProvider = {
  sendCode: async () => ({ type: 'sent', to: null }),
  confirmCode: async () => ({ type: 'right' }),
  readUser: async () => ({ email: 'verified', sms: 'verified' }),
};

async function reconcile(provider: VerificationProvider, prepare: (begun: Stack) => Promise<void> = async () => {}) {
  stack = await startStack({ worker: { provider } });
  await prepare(stack);
  const { reconciliations } = stack.facade({ policy: quickPolicy, reconcile: { graceFor: 0, perSecond: 50 } });
  const { id } = await reconciliations.start({ reason: 'events were lost' }, operator);
  return waitUntil(async () => {
    const report = await reconciliations.get(id);
    return ['done', 'failed'].includes(report.state) && report;
  }, 'the reconciliation has ended');
}

it('compares the list of a provider that is passed in code with the journeys', async () => {
  const [lost, elsewhere, strange] = [uniqueUserId('lost'), uniqueUserId('elsewhere'), uniqueUserId('strange')];
  const listed = { accountType: 'business', registeredAt: null } as const;
  async function* listUsers(): AsyncGenerator<ListedUser> {
    yield { ...listed, userId: lost, standing: 'pending' };
    yield { ...listed, userId: elsewhere, standing: 'verified', accountType: 'individual' };
    yield { ...listed, userId: strange, standing: 'perhaps' as never };
  }
  const report = await reconcile({ ...calls, listUsers }, async ({ onward }) => {
    await onward.start(elsewhere, { accountType: 'individual' });
    await waitUntil(async () => (await onward.count({ userId: elsewhere })) === 1, 'it is listed');
  });
  expect(report).toMatchObject({ state: 'done', users: 2, unreadable: 1 });
  expect(report.items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ userId: lost, difference: 'noJourney', outcome: 'started' }),
      expect.objectContaining({ userId: elsewhere, difference: 'verified', outcome: 'rechecked' }),
    ]),
  );
  if (stack === undefined) throw new Error('no stack');
  expect((await waitForPosition(stack, lost, 'emailPending.awaitingCode')).accountType).toBe('business');
  await waitForPosition(stack, elsewhere, 'done');
});

it('fails, and changes nothing, if the list of the provider breaks off', async () => {
  const lost = uniqueUserId('lost');
  async function* listUsers(): AsyncGenerator<ListedUser> {
    yield { userId: lost, accountType: 'individual', standing: 'pending', registeredAt: null };
    throw new Error('the connection to ada@example.com broke');
  }
  const report = await reconcile({ ...calls, listUsers });
  expect(report).toMatchObject({ state: 'failed', items: [], note: expect.stringMatching(/incomplete or unreadable/) });
  expect(report.note).not.toContain('@');
  await expect(stack?.onward.status(lost)).rejects.toMatchObject({ code: 'not_found' });
});

it('is refused if the provider has no list of users', async () => {
  const report = await reconcile(calls);
  expect(report).toMatchObject({ state: 'failed', note: expect.stringContaining('the provider has no list of users') });
});
