import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkProviderReplies } from '../../client/doctor/provider-checks.ts';
import {
  app,
  callsOf,
  enterCode,
  operator,
  startStack,
  timelineOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ worker: { healthReportInterval: 100 } });
});
afterAll(() => stack?.close());

const because = { reason: 'a passport was shown' };

async function start(labels = ''): Promise<string> {
  const userId = uniqueUserId('ada', labels);
  await stack.onward.start(userId, { accountType: 'individual' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  return userId;
}

describe("the provider's record", () => {
  it('that does not mention the e-mail does not delay an override', async () => {
    const userId = await start('.silent');
    // The provider sends no SMS to a user whose e-mail it has not verified, whatever its record says.
    stack.sfox.verify(userId, 'email');
    await stack.onward.override(userId, { channel: 'email', ...because }, operator);
    await waitForPosition(stack, userId, 'smsPending.awaitingCode');
    expect(callsOf(stack, userId)).toEqual(['send email 200', 'read 200', 'send sms 200']);
  });

  it('that still requires the e-mail delays it', async () => {
    const userId = await start();
    await stack.onward.override(userId, { channel: 'email', ...because }, operator);
    const { stalled, provider } = await waitForPosition(stack, userId, 'smsPending.stalled');
    expect(stalled).toMatchObject({ reason: 'providerRefused' });
    expect(provider).toMatchObject({ status: 'PENDING', open: ['email', 'sms'] });
  });

  it('stalls a user that the provider does not serve, until it does', async () => {
    const userId = await start();
    stack.sfox.record(userId, 'unsupported');
    await stack.onward.recheck(userId, {}, app);
    const stalled = await waitForPosition(stack, userId, 'emailPending.stalled');
    expect(stalled).toMatchObject({
      stalled: { reason: 'unsupported', nextRetryAt: null },
      provider: { status: 'UNSUPPORTED' },
    });
    await waitUntil(async () => (await stack.onward.count({ reason: 'unsupported', userId })) === 1, 'it is listed');
    const { reasons, blockers } = await waitUntil(async () => {
      const summary = await stack.onward.summary();
      return summary.reasons.unsupported > 0 && summary;
    }, 'it is counted');
    expect(reasons.unsupported).toBeGreaterThan(0);
    expect(blockers.find(({ kind }) => kind === 'unsupported')?.description).toContain('does not serve');
    expect((await timelineOf(stack, userId)).at(-1)?.what).toContain('does not serve this person (UNSUPPORTED)');

    stack.sfox.record(userId, 'documents');
    await stack.onward.recheck(userId, {}, app);
    const served = await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect(served).toMatchObject({
      stalled: null,
      provider: { status: 'PENDING', open: ['email', 'sms', 'documents'] },
    });
    expect(callsOf(stack, userId)).toEqual(['send email 200', 'read 200', 'read 200']);
    expect(await enterCode(stack, userId, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it('of an unknown shape is counted and changes nothing', async () => {
    const userId = await start('.tiers');
    const before = await stack.onward.status(userId);
    await stack.onward.recheck(userId, {}, app);
    const after = await waitUntil(async () => {
      const status = await stack.onward.status(userId);
      return status.provider !== null && status;
    }, 'the record is read');
    expect(after).toMatchObject({ state: before.state, step: before.step, provider: { status: null, open: [] } });
    await waitUntil(async () => {
      const { replies } = (await stack.onward.providerHealth()) ?? {};
      return (replies?.unknown_record ?? 0) > 0;
    }, 'it is counted');
    expect(await checkProviderReplies(stack.client, stack.taskQueue)).toMatchObject({
      ok: false,
      found: expect.stringContaining('unknown shape'),
    });
  });
});
