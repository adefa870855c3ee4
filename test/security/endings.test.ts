import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import {
  app,
  callsOf,
  enterCode,
  newestCode,
  startStack,
  statusOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { Attacker, toPlainPayloads } from './attacker.ts';

const { COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION } = proto.temporal.api.enums.v1.CommandType;

/** Results of journeys and activities that an attacker without an encryption key forges. */

let stack: Stack;
let connection: Connection;
let attacker: Attacker;
/** The encrypted results of another, completed journey. */
let recorded: { readonly result: Payload[]; readonly confirmed: Payload[] };
beforeAll(async () => {
  stack = await startStack();
  connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
  attacker = new Attacker(connection);
  const userId = uniqueUserId('donor', '.business');
  await stack.onward.start(userId, { accountType: 'business' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await enterCode(stack, userId, 'email');
  await waitForPosition(stack, userId, 'done');
  const { events } = await stack.client.workflow.getHandle(journeyId(userId)).fetchHistory();
  const results = (events ?? []).flatMap(
    ({ activityTaskCompletedEventAttributes: done }) => done?.result?.payloads ?? [],
  );
  const ended = events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
  recorded = { result: [...ended], confirmed: results.slice(1, 2) };
});
afterAll(async () => {
  await connection?.close();
  await stack?.close();
});

describe('a forged end of a journey', () => {
  const complete = (payloads: Payload[]) => [
    {
      commandType: COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
      completeWorkflowExecutionCommandAttributes: { result: { payloads } },
    },
  ];

  it('by an execution of another type under the user’s id is not reported as the user’s status', async () => {
    const userId = uniqueUserId('mallory');
    await attacker.respondWithCommands('anything', journeyId(userId), complete([]));
    await expect(stack.onward.status(userId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['nothing', () => []],
    ['a result in the clear', () => toPlainPayloads({ status: { state: 'done' } })],
    ['the result of another journey', () => recorded.result],
  ] as const)('with %s never makes a user done', async (_, payloads) => {
    const userId = uniqueUserId('mallory');
    await attacker.respondWithCommands('onboarding', journeyId(userId), complete(payloads()));
    await waitUntil(async () => {
      const { status } = await stack.client.workflow.getHandle(journeyId(userId)).describe();
      return status.name === 'COMPLETED';
    }, 'the execution has completed');
    await expect(stack.onward.status(userId)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(stack.onward.timeline(userId)).rejects.toMatchObject({ code: 'unavailable' });
    // Erasing does not decrypt.
    await stack.onward.erase(userId);
  });
});

describe('a forged result of an activity', () => {
  async function activityInFlight(
    userId: string,
  ): Promise<{ readonly workflowId: string; readonly activityId: string }> {
    const workflowId = journeyId(userId);
    const activityId = await waitUntil(async () => {
      const { raw } = await stack.client.workflow.getHandle(workflowId).describe();
      return raw.pendingActivities?.find(({ state }) => Number(state) === 2)?.activityId ?? undefined;
    }, 'an activity is running');
    return { workflowId, activityId };
  }

  const answers: readonly (readonly [string, (id: { workflowId: string; activityId: string }) => Promise<unknown>])[] =
    [
      [
        'a result in the clear',
        (id) =>
          connection.workflowService.respondActivityTaskCompletedById({
            namespace: 'default',
            ...id,
            result: { payloads: toPlainPayloads({ type: 'right' }) },
          }),
      ],
      [
        'the result of another journey',
        (id) =>
          connection.workflowService.respondActivityTaskCompletedById({
            namespace: 'default',
            ...id,
            result: { payloads: recorded.confirmed },
          }),
      ],
      [
        'a failure that says that the provider was not reached',
        (id) =>
          connection.workflowService.respondActivityTaskFailedById({
            namespace: 'default',
            ...id,
            failure: { message: 'trust me', applicationFailureInfo: { type: 'ProviderUnreached', nonRetryable: true } },
          }),
      ],
    ];

  it.each(answers)('is %s: a code stays unchecked, and its guess is counted', async (_, answer) => {
    const userId = uniqueUserId('ada');
    await stack.onward.start(userId, { accountType: 'individual' });
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    const confirm = stack.sfox.hold(userId, 'confirm');
    const code = await newestCode(stack, userId, 'email');
    const wrong = code === '0000' ? '1111' : '0000';
    const before = (await statusOf(stack, userId)).email?.guessesLeft ?? 0;
    const submitted = stack.onward
      .submitCode(userId, { channel: 'email', code: wrong }, app)
      .catch((error: unknown) => error);
    await confirm.reached;
    await answer(await activityInFlight(userId));
    confirm.release();
    expect(await submitted).toMatchObject({ code: 'provider_unavailable', guessesLeft: before - 1 });
    const status = await statusOf(stack, userId);
    expect([status.email?.status, status.email?.guessesLeft]).toEqual(['pending', before - 1]);
    const timeline = JSON.stringify(await stack.onward.timeline(userId));
    expect(timeline).not.toContain('trust me');
  });

  it('does not repeat a send whose request is in flight: the attempt after a forged failure sends nothing', async () => {
    const userId = uniqueUserId('sent');
    const send = stack.sfox.hold(userId, 'send');
    await stack.onward.start(userId, { accountType: 'individual' });
    await send.reached;
    const id = await activityInFlight(userId);
    await connection.workflowService.respondActivityTaskFailedById({
      namespace: 'default',
      ...id,
      failure: { message: 'trust me', applicationFailureInfo: { type: 'ProviderUnreached' } },
    });
    const status = await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect(status.email?.lastSend?.outcome).toBe('unknown');
    send.release();
    await waitUntil(() => callsOf(stack, userId).length > 0, 'the request has ended');
    expect(callsOf(stack, userId)).toEqual(['send email 200']);
  });

  it('does not repeat a send that was reset after a forged failure: the attempt that counts as the first sends nothing', async () => {
    const userId = uniqueUserId('reset');
    const send = stack.sfox.hold(userId, 'send');
    await stack.onward.start(userId, { accountType: 'individual' });
    await send.reached;
    const { workflowId, activityId } = await activityInFlight(userId);
    const applicationFailureInfo = { type: 'ProviderUnreached', nextRetryDelay: msToTs('1 hour') };
    await connection.workflowService.respondActivityTaskFailedById({
      namespace: 'default',
      workflowId,
      activityId,
      failure: { message: 'trust me', applicationFailureInfo },
    });
    send.release();
    await waitUntil(() => callsOf(stack, userId).length > 0, 'the request has ended');
    const reset = { namespace: 'default', execution: { workflowId }, id: activityId, resetHeartbeat: true };
    await connection.workflowService.resetActivity(reset);
    const status = await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect(status.email?.lastSend?.outcome).toBe('unknown');
    expect(callsOf(stack, userId)).toEqual(['send email 200']);
  });
});
