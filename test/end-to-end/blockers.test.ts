import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { blockerKinds, Blockers } from '../../client/monitoring/blockers.ts';
import type { BlockerKind } from '../../client/monitoring/blockers.ts';
import { JourneySearch } from '../../client/search/journey-search.ts';
import { attributeKeys, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { unreadableStart } from '../support/blocked-journey.ts';
import { runDoctor } from '../support/doctor.ts';
import { startStackOnOwnServer } from '../support/own-server.ts';
import { waitUntil, guessWrong, operator, quickPolicy, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStackOnOwnServer({ withoutWorker: true });
});
afterAll(() => stack?.close());

/** The description of each blocker that is present. */
async function readDescriptions(): Promise<{ readonly [K in BlockerKind]?: string }> {
  const { present: blockers } = await new Blockers(stack).of(await new JourneySearch(stack.client).counts());
  expect(blockers.map(({ kind }) => kind)).toEqual(blockerKinds);
  return Object.fromEntries(
    blockers.flatMap(({ kind, description }) => (description === null ? [] : [[kind, description]])),
  );
}

it('reports that no worker polls, with the task queues, and reports no journey as unblocked then', async () => {
  const early = uniqueUserId('early');
  await stack.onward.start(early, { accountType: 'individual' });
  await waitUntil(async () => (await new JourneySearch(stack.client).counts()).total === 1, 'it is counted');
  const queues = [stack.taskQueue, `${stack.taskQueue}-sends`, `${stack.taskQueue}-checks`].join(', ');
  expect(await readDescriptions()).toEqual({
    noWorker: `no worker polls ${queues}: start one; 1 journey may be waiting for it`,
  });
  const { journeys } = await runDoctor(stack.client, { ...stack, wait: 100 });
  expect(journeys).toMatchObject([{ code: 'journeys', ok: true, found: 'no journey is stalled, locked or paused' }]);
  await stack.startWorker();
  await waitUntil(async () => (await readDescriptions()).noWorker === undefined, 'all queues are polled');
  expect(await readDescriptions()).toEqual({
    user: '1 journey in progress: a code is being sent, or the user must act',
  });
  await waitForPosition(stack, early, 'emailPending.awaitingCode');
  await stack.onward.cancel(early, { reason: 'test' }, operator);
});

it('distinguishes the provider, the key, a rejection, an operator, time and the user', async () => {
  const begin = async (name: string, labels: string, place: string) => {
    const userId = uniqueUserId(name, labels);
    await stack.onward.start(userId, { accountType: 'individual' });
    await waitForPosition(stack, userId, place);
    return userId;
  };
  await begin('away', '.maintenance', 'emailPending.stalled');
  await begin('limited', '.rate-limited-silent', 'emailPending.stalled');
  await begin('key', '.wrong-key', 'emailPending.stalled');
  await begin('refused', '.refused', 'emailPending.stalled');
  const paused = await begin('paused', '', 'emailPending.awaitingCode');
  await stack.onward.pause(paused, { reason: 'test' }, operator);
  await begin('waits', '', 'emailPending.awaitingCode');
  const strict = stack.facade({ policy: { ...quickPolicy, guesses: { perCode: 1, perChannel: 1 } } });
  const locked = uniqueUserId('locked');
  await strict.start(locked, { accountType: 'individual' });
  await guessWrong(stack, locked);
  await waitUntil(async () => {
    const words = await readDescriptions();
    return (
      words.credentials?.includes('alone') &&
      words.operator?.startsWith('2 ') &&
      words.user?.startsWith('1 ') &&
      words.providerRefuses !== undefined
    );
  }, 'all of it is counted');
  expect(await readDescriptions()).toEqual({
    credentials:
      '1 journey stalled because the provider refused the enterprise key for them alone, while it answers others: look at these users (onward list --reason credentials)',
    providerAway:
      '1 journey stalled because the provider gave no usable reply for them alone, while it answers others: look at these users (onward list --reason providerUnavailable)',
    rateLimited:
      '1 journey stalled because the provider limited our requests (429) for them alone, while it answers others: look at these users (onward list --reason rateLimited); lower `rates` in the policy file if it repeats',
    providerRefuses: 'the provider refuses 1 journey: each status shows the reason, and only an operator can retry',
    operator: '2 journeys locked or paused until an operator acts',
    user: '1 journey in progress: a code is being sent, or the user must act',
  });
  const { journeys } = await runDoctor(stack.client, stack);
  const refused = journeys.find(({ code }) => code === 'providerRefuses');
  expect(refused).toMatchObject({
    ok: false,
    found: expect.stringMatching(/^the provider refuses 1 journey: .*said to 1/),
  });
  expect(refused?.fix).toMatch(/^read why .*onward retry/);
  const codes = ['credentials', 'providerAway', 'rateLimited', 'providerRefuses', 'operator', 'user'];
  expect(journeys.map(({ code }) => code)).toEqual(codes);
  expect(journeys.find(({ code }) => code === 'operator')).toEqual({
    name: 'journeys',
    code: 'operator',
    ok: true,
    found: '2 journeys locked or paused until an operator acts',
    fix: null,
  });
});

it('reports a workflow task that fails repeatedly', async () => {
  const broken = uniqueUserId('broken');
  await stack.client.workflow.start(WORKFLOW_TYPE, {
    workflowId: journeyId(broken),
    taskQueue: stack.taskQueue,
    args: [unreadableStart(broken)],
    typedSearchAttributes: [{ key: attributeKeys.state, value: 'emailPending' }],
  });
  const words = await waitUntil(async () => {
    const all = await readDescriptions();
    return all.codeError !== undefined && all;
  }, 'the task has failed again and again');
  expect(words.codeError).toMatch(`a workflow code error stops 1 journey, such as ${broken}`);
  expect(words.user).toMatch(/^1 journey in progress/);
  await stack.client.workflow.getHandle(journeyId(broken)).terminate();
});
