import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { connectLater } from '../../client/temporal/connect.ts';
import { Onward } from '../../client/onward.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { attributeKeys, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import {
  app,
  keys,
  newestCode,
  operator,
  quickPolicy,
  startStack,
  waitForPosition,
  waitUntil,
  uniqueUserId,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** How Temporal ends a command, or a whole journey, that the journey itself has accepted. */

const SLOW_MS = 1_500;
const policy = { ...quickPolicy, callTimeout: 15_000, commands: { perMinute: 1_000, rechecksPerMinute: 1_000 } };

let stack: Stack;
let client: Client;
/** As the gateway has it: with the product's own retries of gRPC calls. */
let onward: Onward;
beforeAll(async () => {
  stack = await startStack({ policy });
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  client = connectLater({ connectionOptions: { address } }, keys);
  onward = new Onward({ client, taskQueue: stack.taskQueue, policy });
});
afterAll(async () => {
  await client?.connection.close();
  await stack?.close();
});

/** Submits the right code, and lets something happen while the provider checks it. */
async function duringCode(userId: string, act: () => Promise<unknown>) {
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  const code = await newestCode(stack, userId, 'email');
  const confirm = stack.sfox.hold(userId, 'confirm');
  const submitted = onward.submitCode(userId, { channel: 'email', code }, app).catch((error: unknown) => error);
  await confirm.reached;
  await act();
  confirm.release();
  return submitted;
}

async function begin(name: string): Promise<string> {
  const userId = uniqueUserId(name);
  await onward.start(userId, { accountType: 'individual' });
  return userId;
}

const handleOf = (userId: string) => client.workflow.getHandle(journeyId(userId));

it('answers 409 when the journey is terminated while a code is being checked', async () => {
  const ada = await begin('ada');
  expect(await duringCode(ada, () => handleOf(ada).terminate('by hand'))).toMatchObject({
    code: 'invalid_state',
    state: 'cancelled',
  });
  await expect(onward.recheck(ada, {}, app)).rejects.toMatchObject({ code: 'invalid_state', state: 'cancelled' });
});

it('finishes checking a code before the user is erased, and answers 404 to every later command', async () => {
  const bo = await begin('bo');
  let erased: Promise<void> | undefined;
  const answer = await duringCode(bo, async () => {
    erased = onward.erase(bo);
    await waitUntil(async () => {
      const { events } = await handleOf(bo).fetchHistory();
      return events?.some(({ workflowExecutionCancelRequestedEventAttributes: request }) => request != null);
    }, 'the erasure has begun');
  });
  expect(answer).toMatchObject({ outcome: 'verified' });
  await erased;
  await expect(onward.recheck(bo, {}, app)).rejects.toMatchObject({ code: 'not_found' });
});

it('answers 404 when the execution is deleted in Temporal while a code is being checked', async () => {
  const cy = await begin('cy');
  const { namespace } = client.options;
  const workflowExecution = { workflowId: journeyId(cy) };
  const answer = await duringCode(cy, () =>
    client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }),
  );
  // For a moment it may still be known as terminated.
  expect(['not_found', 'invalid_state']).toContain((answer as { code: string }).code);
});

it('answers 409 when an execution timeout ends the journey while a code is being checked', async () => {
  const dee = uniqueUserId('dee');
  await client.workflow.start(WORKFLOW_TYPE, {
    workflowId: journeyId(dee),
    taskQueue: stack.taskQueue,
    workflowExecutionTimeout: '6 s',
    args: [createRequest('start', WORKFLOW_TYPE, { userId: dee, accountType: 'individual', policy })],
    typedSearchAttributes: [
      { key: attributeKeys.account, value: 'individual' },
      { key: attributeKeys.state, value: 'emailPending' },
      { key: attributeKeys.since, value: new Date() },
    ],
  });
  await waitForPosition(stack, dee, 'emailPending.awaitingCode');
  const confirm = stack.sfox.hold(dee, 'confirm');
  const code = await newestCode(stack, dee, 'email');
  const answer = await onward.submitCode(dee, { channel: 'email', code }, app).catch((error: unknown) => error);
  confirm.release();
  expect(answer).toMatchObject({ code: 'invalid_state', state: 'cancelled' });
  expect(await onward.status(dee)).toMatchObject({ state: 'cancelled' });
});

it('returns the outcome of a code that is being checked when the journey is cancelled in Temporal', async () => {
  const eli = await begin('eli');
  expect(await duringCode(eli, () => handleOf(eli).cancel())).toMatchObject({ outcome: 'verified' });
  await waitForPosition(stack, eli, 'cancelled');
  await expect(onward.resend(eli, {}, app)).rejects.toMatchObject({ code: 'invalid_state', state: 'cancelled' });
});

it('carries out a command again when the journey is reset while it is being carried out', async () => {
  const fay = await begin('fay');
  const answer = await duringCode(fay, async () => {
    const { runId } = await handleOf(fay).describe();
    const { events } = await handleOf(fay).fetchHistory();
    const last = events?.findLast((event) => event.workflowTaskCompletedEventAttributes != null);
    return client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: journeyId(fay), runId },
      reason: 'a test',
      requestId: randomUUID(),
      ...(last?.eventId != null && { workflowTaskFinishEventId: last.eventId }),
    });
  });
  expect(answer).toMatchObject({ outcome: 'verified' });
});

it('reports that too many commands of the user are in flight, and completes the others', async () => {
  const gil = await begin('gil');
  await waitForPosition(stack, gil, 'emailPending.awaitingCode');
  stack.sfox.script(
    gil,
    'read',
    Array.from({ length: 30 }, () => ({ delay: SLOW_MS })),
  );
  const patient = new Onward({ client, taskQueue: stack.taskQueue, policy, commandTimeout: 120_000 });
  const answers = await Promise.all(
    Array.from({ length: 24 }, () => patient.recheck(gil, {}, operator).catch((error: unknown) => error)),
  );
  const refused = answers.filter((answer) => answer instanceof Error);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(24);
  for (const error of refused) {
    // On a busy machine, Temporal itself aborts commands that have waited for long.
    expect(`${String(Object(error).code)}: ${error.message}`).toMatch(
      /^(too_many_requests: too many commands of this user are in flight; retry after \d+ s|unavailable: too many commands of this user are in flight, so)/,
    );
  }
});
