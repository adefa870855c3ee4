import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { stuckKinds, Stuckness } from '../../client/stuck.ts';
import type { StuckKind } from '../../client/stuck.ts';
import { Directory } from '../../client/directory.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { attributes, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { examined } from '../support/examined.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually, guessWrong, operator, quickPolicy, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
let stack: Stack;
beforeAll(async () => {
  server = await startOwnServer();
  stack = await startStack({ address: server.address, withoutWorker: true });
});
afterAll(async () => {
  await stack.close();
  await server.stop();
});

/** The words of each kind that is so. */
async function told(): Promise<{ readonly [K in StuckKind]?: string }> {
  const stuck = await new Stuckness(stack).of(await new Directory(stack.client).counts());
  expect(stuck.map(({ kind }) => kind)).toEqual(stuckKinds);
  return Object.fromEntries(stuck.flatMap(({ kind, words }) => (words === null ? [] : [[kind, words]])));
}

it('tells that no worker polls, and by which queues, and of nobody then that all is well', async () => {
  const early = user('early');
  await stack.onward.start(early, { accountType: 'individual' });
  await eventually(async () => (await new Directory(stack.client).counts()).total === 1, 'it is counted');
  const queues = [stack.taskQueue, `${stack.taskQueue}-sends`, `${stack.taskQueue}-checks`].join(', ');
  expect(await told()).toEqual({ noWorker: `no worker polls ${queues}: start one; 1 journey may wait for it` });
  const { journeys } = await examined(stack.client, { ...stack, wait: 100 });
  expect(journeys).toMatchObject({ ok: true, found: 'none is stalled, locked or paused' });
  await stack.startWorker();
  await eventually(async () => (await told()).noWorker === undefined, 'all queues are polled');
  expect(await told()).toEqual({ user: '1 journey going on: a code is on its way, or the user is next' });
  await untilAt(stack, early, 'emailPending.awaitingCode');
  await stack.onward.cancel(early, { reason: 'test' }, operator);
});

it('tells the provider, the key, a refusal, an operator, time and the user apart', async () => {
  const begin = async (name: string, labels: string, place: string) => {
    const userId = user(name, labels);
    await stack.onward.start(userId, { accountType: 'individual' });
    await untilAt(stack, userId, place);
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
  const locked = user('locked');
  await strict.start(locked, { accountType: 'individual' });
  await guessWrong(stack, locked);
  await eventually(async () => {
    const words = await told();
    return words.operator?.startsWith('2 ') && words.user?.startsWith('1 ') && words.providerRefuses !== undefined;
  }, 'all of it is counted');
  expect(await told()).toEqual({
    credentials: 'the provider refuses the key: 1 journey stalled; recovery goes on once the key works',
    providerAway: 'the provider is away: 2 journeys stalled; recovery goes on once it is back',
    providerRefuses: 'the provider refuses 1 journey: each says why, and only an operator retries it',
    operator: '2 journeys locked or paused until an operator acts',
    user: '1 journey going on: a code is on its way, or the user is next',
  });
  const { journeys } = await examined(stack.client, stack);
  expect(journeys).toMatchObject({ ok: false, found: expect.stringContaining('the provider is away: 2 journeys') });
  expect(journeys.mend).toMatch(/ENTERPRISE_API_KEY.*recovery status.*onward retry/);
});

it('tells of a workflow task that fails again and again', async () => {
  const broken = user('broken');
  await stack.client.workflow.start(WORKFLOW_TYPE, {
    workflowId: journeyId(broken),
    taskQueue: stack.taskQueue,
    // As a journey that was kept by code newer than this.
    args: [{ kept: { version: 99 } }],
    typedSearchAttributes: [{ key: attributes.state, value: 'emailPending' }],
  });
  const words = await eventually(async () => {
    const all = await told();
    return all.codeError !== undefined && all;
  }, 'the task has failed again and again');
  expect(words.codeError).toMatch(`a fault in our own code stops 1 journey, such as ${broken}`);
  expect(words.user).toMatch(/^1 journey going on/);
  await stack.client.workflow.getHandle(journeyId(broken)).terminate();
});
