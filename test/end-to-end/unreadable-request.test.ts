import { readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { SendRequest } from '../../activities/contract.ts';
import { parseSendAttempt } from '../../activities/send-attempts.ts';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import { createDataConverter } from '../../client/temporal/data-converter.ts';
import { journeyId, sendQueue } from '../../workflows/contract.ts';
import { engineActivities, parseFields } from '../../workflows/engine/activity.ts';
import type { Parser } from '../../workflows/engine/activity.ts';
import {
  app,
  bundlePath,
  callsOf,
  keys,
  operator,
  quickPolicy,
  startStack,
  statusOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** The workflows are of a release that writes the timeout of a request in another way; the worker's activities are of this one. */
let stack: Stack;
let newerBundle: { readonly code: string };
beforeAll(async () => {
  const code = (await readFile(bundlePath, 'utf8')).replaceAll(
    'timeout: policy.callTimeout',
    'timeout: { ms: policy.callTimeout }',
  );
  newerBundle = { code };
  stack = await startStack({
    policy: { ...quickPolicy, sends: { per10Minutes: 1, perDay: 1 } },
    worker: { workflowBundle: newerBundle },
  });
});
afterAll(() => stack?.close());

/** Waits until a send has been refused and tried again. */
const untilRetried = (userId: string) =>
  waitUntil(async () => {
    const { raw } = await stack.client.workflow.getHandle(journeyId(userId)).describe();
    const [pending] = raw.pendingActivities ?? [];
    const isUnreadable = pending?.lastFailure?.applicationFailureInfo?.type === 'RequestUnreadable';
    return isUnreadable && (pending?.attempt ?? 0) > 1;
  }, 'the send is tried again');

/** As the newer release reads a send. */
const parseNewerSend: Parser<SendRequest> = (value, path) => {
  const { timeout, ...request } = parseFields(value, path);
  return parseSendAttempt({ ...request, timeout: parseFields(timeout, path)['ms'] }, path);
};

/** Starts a worker whose workflows and sends are of the newer release. */
async function startNewerWorker(): Promise<() => Promise<void>> {
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const connection = await NativeConnection.connect({ address });
  const common = { connection, dataConverter: createDataConverter(keys, { foreignAsUndefined: true }) };
  const { sends } = createProviderActivities({ baseUrl: stack.sfox.url, apiKey: stack.sfox.apiKey });
  const activities = engineActivities(sends, { sendCode: parseNewerSend }, () => Context.current().info);
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: stack.taskQueue, workflowBundle: newerBundle }),
    Worker.create({ ...common, taskQueue: sendQueue(stack.taskQueue), activities }),
  ]);
  const runs = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    await connection.close();
  };
}

it('spends nothing on a send that the worker cannot read, and a worker of the right release makes it', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  await untilRetried(ada);
  expect(callsOf(stack, ada)).toEqual([]);
  await stack.stopWorkers();

  const stop = await startNewerWorker();
  const status = await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  expect(status.email).toMatchObject({ sends: 1, lastSend: { outcome: 'sent' } });
  expect(callsOf(stack, ada)).toEqual(['send email 200']);
  await stop();
  await stack.startWorker();
});

it('lets a journey be cancelled whose send the worker cannot read', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  await untilRetried(ada);
  await stack.onward.cancel(ada, { reason: 'a test' }, operator);
  const { email } = await waitForPosition(stack, ada, 'cancelled');
  expect(email?.sends).toBe(0);
  expect(callsOf(stack, ada)).toEqual([]);
});

it('returns the guess of a code that the worker cannot read, and reports it', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual', firstEmail: 'alreadySent' });
  const before = await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  const submitted = stack.onward.submitCode(ada, { channel: 'email', code: '123456' }, app);
  await expect(submitted).rejects.toMatchObject({ code: 'provider_unavailable' });
  const { email, step } = await statusOf(stack, ada);
  expect(step).toBe('awaitingCode');
  expect(email?.guessesLeft).toBe(before.email?.guessesLeft);
  expect(callsOf(stack, ada)).toEqual([]);
  const items = await stack.onward.timeline(ada);
  expect(items.map(({ what }) => what)).toContain(
    'The e-mail code was not checked: this release cannot read the request: `request.timeout` must be a number',
  );
});

it('takes a record that the worker cannot request as one that was not read', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual', firstEmail: 'alreadySent' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  await stack.onward.recheck(ada, {}, operator);
  await waitUntil(async () => {
    const items = await stack.onward.timeline(ada);
    return items.some(({ what }) => what.includes('could not be read: this release cannot read the request'));
  }, 'the recheck has an outcome');
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  expect(callsOf(stack, ada)).toEqual([]);
});
