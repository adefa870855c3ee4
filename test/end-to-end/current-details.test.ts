import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { journeyId } from '../../workflows/contract.ts';
import { enterCode, historyOf, startStack, uniqueUserId, waitForPosition } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => (stack = await startStack()));
afterAll(() => stack.close());

/** What Temporal's page asks for, as the server passes it on, and as `/codec` decodes it. */
async function askForDetails(userId: string) {
  const workflowId = journeyId(userId);
  const { queryResult } = await stack.client.workflowService.queryWorkflow({
    namespace: 'default',
    execution: { workflowId },
    query: { queryType: '__temporal_workflow_metadata', queryArgs: {} },
  });
  const encrypted = queryResult?.payloads ?? [];
  const { payloadCodecs, payloadConverter } = stack.client.options.loadedDataConverter;
  const context = { type: 'workflow', namespace: 'default', workflowId } as const;
  const [payload = {}] = (await payloadCodecs[0]?.decode(encrypted, context)) ?? [];
  const { currentDetails } = payloadConverter.fromPayload<{ readonly currentDetails: string }>(payload);
  return { currentDetails, raw: Buffer.from(encrypted[0]?.data ?? []).toString('latin1') };
}

it('shows the state of a journey on Temporal’s page, encrypted, without an event', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  const { length } = await historyOf(stack, ada);
  const { currentDetails, raw } = await askForDetails(ada);
  expect(currentDetails).toMatch(
    /^\*\*emailPending\*\*, awaitingCode since \d{4}-\S+Z\n\n- email: not verified, sends: 1\n- sms: not verified, sends: 0$/,
  );
  expect(await historyOf(stack, ada)).toHaveLength(length);
  expect(raw).not.toBe('');
  expect(raw).not.toContain('emailPending');
  await enterCode(stack, ada, 'email');
  await waitForPosition(stack, ada, 'smsPending.awaitingCode');
  expect((await askForDetails(ada)).currentDetails).toContain(
    '- email: verified by code, sends: 1\n- sms: not verified',
  );
  await enterCode(stack, ada, 'sms');
  await waitForPosition(stack, ada, 'done');
  expect((await askForDetails(ada)).currentDetails).toMatch(
    /^\*\*done\*\* since [\s\S]*- sms: verified by code, sends: 1$/,
  );
});

it('shows why a journey is stalled', async () => {
  const bob = uniqueUserId('bob');
  stack.sfox.script(bob, 'send', [{ status: 401 }]);
  await stack.onward.start(bob, { accountType: 'individual' });
  await waitForPosition(stack, bob, 'emailPending.stalled');
  expect((await askForDetails(bob)).currentDetails).toMatch(/^\*\*emailPending\*\*, stalled since \S+Z: credentials/);
});
