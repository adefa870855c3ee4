import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendUpdate } from '../../client/journeys/idempotent-update.ts';
import type { Caller } from '../../client/journeys/idempotent-update.ts';
import { journeyId } from '../../workflows/contract.ts';
import {
  app,
  enterCode,
  operator,
  startStack,
  statusOf,
  timelineOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const reason = 'the number was wrong';

async function begin(name: string): Promise<readonly [string, string]> {
  const userId = uniqueUserId(name);
  await stack.onward.start(userId, { accountType: 'individual' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  return [userId, `${userId}-2`];
}

const supersede = (userId: string, newUserId: string, caller: Caller = app, more: object = {}) =>
  stack.onward.supersede(userId, { newUserId, reason, ...more }, caller);

const exists = (userId: string) =>
  stack.onward.status(userId).then(
    () => true,
    () => false,
  );

it('cancels the journey and starts the other one, and both name each other', async () => {
  const [ada, ada2] = await begin('ada');
  await enterCode(stack, ada, 'email');
  await waitForPosition(stack, ada, 'smsPending.awaitingCode');
  expect(await supersede(ada, ada2)).toMatchObject({ userId: ada2, accountType: 'individual' });

  expect(await statusOf(stack, ada)).toMatchObject({
    state: 'cancelled',
    email: { status: 'verified' },
    supersededBy: ada2,
    supersedes: null,
  });
  expect((await timelineOf(stack, ada)).at(-1)).toMatchObject({
    what: `Cancelled: superseded by the journey of ${ada2}`,
    by: 'app shop',
    reason,
  });
  expect(await waitForPosition(stack, ada2, 'emailPending.awaitingCode')).toMatchObject({
    supersededBy: null,
    supersedes: ada,
    // One was sent to the old address, and one to the new.
    email: { status: 'pending', evidence: null, sends: 2 },
    sms: { sends: 1 },
  });
  expect((await timelineOf(stack, ada2))[0]).toMatchObject({
    what: `Started: supersedes the journey of ${ada}`,
    by: 'app shop',
    reason,
  });
  const [first] = await stack.onward.statusHistory(ada2);
  expect(first?.status).toMatchObject({ email: { sends: 1 }, sms: { sends: 1 }, supersedes: ada });

  await enterCode(stack, ada2, 'email');
  await waitForPosition(stack, ada2, 'smsPending.awaitingCode');
  await enterCode(stack, ada2, 'sms');
  await waitForPosition(stack, ada2, 'done');
});

it('carries over the counters of the other channel, if an operator names the one that changes', async () => {
  const [bo, bo2] = await begin('bo');
  await expect(supersede(bo, bo2, app, { channel: 'email' })).rejects.toMatchObject({ code: 'forbidden' });
  expect(await exists(bo2)).toBe(false);
  await supersede(bo, bo2, operator, { channel: 'email' });
  expect(await waitForPosition(stack, bo2, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
});

describe('a repeated request', () => {
  it('has no further effect, with or without an idempotency key', async () => {
    const [cy, cy2] = await begin('cy');
    const keyed = { ...app, idempotencyKey: 'move' };
    const { startedAt } = await supersede(cy, cy2, keyed);
    expect(await supersede(cy, cy2, keyed)).toMatchObject({ userId: cy2, startedAt });
    expect(await supersede(cy, cy2)).toMatchObject({ userId: cy2, startedAt });
    await expect(supersede(cy, `${cy}-3`)).rejects.toMatchObject({
      code: 'invalid_state',
      message: `supersede is not allowed in cancelled: it is superseded by the journey of ${cy2}`,
    });
    expect(await exists(`${cy}-3`)).toBe(false);
  });

  it('is refused under the key of another request', async () => {
    const [di, di2] = await begin('di');
    const keyed = { ...app, idempotencyKey: 'move' };
    await supersede(di, di2, keyed);
    await expect(supersede(di, di2, keyed, { reason: 'another' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    await expect(supersede(di, `${di}-3`, keyed)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('at the same time starts one journey', async () => {
    const [eli, eli2] = await begin('eli');
    const answers = await Promise.all([1, 2, 3].map(() => supersede(eli, eli2)));
    expect(new Set(answers.map(({ startedAt }) => startedAt)).size).toBe(1);
  });
});

describe('a journey is left as it is', () => {
  it('if the new user id has a journey', async () => {
    const [fay, fay2] = await begin('fay');
    await stack.onward.start(fay2, { accountType: 'individual' });
    await expect(supersede(fay, fay2)).rejects.toMatchObject({ code: 'journey_exists' });
    expect(await statusOf(stack, fay)).toMatchObject({ state: 'emailPending', supersededBy: null });
  });

  it('if the new user id is its own, or invalid', async () => {
    const [gil] = await begin('gil');
    const invalid = { code: 'bad_request', field: 'newUserId' };
    await expect(supersede(gil, gil)).rejects.toMatchObject(invalid);
    await expect(supersede(gil, 'gil@example.test')).rejects.toMatchObject(invalid);
    expect(await statusOf(stack, gil)).toMatchObject({ state: 'emailPending' });
  });

  it('if it is done, or was cancelled before', async () => {
    const [hal, hal2] = await begin('hal');
    await stack.onward.cancel(hal, { reason }, operator);
    await waitForPosition(stack, hal, 'cancelled');
    await expect(supersede(hal, hal2)).rejects.toMatchObject({ code: 'invalid_state', state: 'cancelled' });
    const ivy = uniqueUserId('ivy', '.both-verified');
    await stack.onward.start(ivy, { accountType: 'individual' });
    await waitForPosition(stack, ivy, 'done');
    await expect(supersede(ivy, hal2)).rejects.toMatchObject({ code: 'invalid_state', state: 'done' });
    expect(await exists(hal2)).toBe(false);
  });

  it('if an operator has paused it, unless an operator asks', async () => {
    const [moe, moe2] = await begin('moe');
    await stack.onward.pause(moe, { reason: 'under review' }, operator);
    await expect(supersede(moe, moe2)).rejects.toMatchObject({
      code: 'invalid_state',
      step: 'paused',
      message: 'only an operator can supersede a paused journey',
    });
    expect(await supersede(moe, moe2, operator)).toMatchObject({ userId: moe2 });
  });

  it('if there is none', async () => {
    await expect(supersede(uniqueUserId('unknown'), uniqueUserId('unknown'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

it('never leaves both open: a superseded journey cannot restart', async () => {
  const [jo, jo2] = await begin('jo');
  await supersede(jo, jo2);
  await waitForPosition(stack, jo, 'cancelled');
  await expect(stack.onward.restart(jo, { reason }, operator)).rejects.toMatchObject({ code: 'invalid_state' });
  expect(await stack.onward.start(jo, { accountType: 'individual' })).toEqual({ started: false });
});

it('starts the other journey after the send in flight, although its caller and the worker are gone', async () => {
  const kay = uniqueUserId('kay');
  const send = stack.sfox.hold(kay, 'send');
  await stack.onward.start(kay, { accountType: 'individual' });
  await send.reached;
  // The command alone, as by a gateway that is killed right after it.
  const request = { newUserId: `${kay}-2`, reason };
  await sendUpdate(stack.client, kay, 'supersede', request, app, 60_000);
  const stopped = stack.stopWorkers();
  send.release();
  await stopped;
  await stack.startWorker();
  await waitUntil(() => exists(`${kay}-2`), 'the other journey has begun');
  const next = await waitForPosition(stack, `${kay}-2`, 'emailPending.awaitingCode');
  const old = await statusOf(stack, kay);
  expect(old).toMatchObject({ state: 'cancelled', supersededBy: `${kay}-2` });
  expect(Date.parse(next.startedAt)).toBeGreaterThanOrEqual(Date.parse(old.updatedAt ?? ''));
  expect(next).toMatchObject({ supersedes: kay, email: { sends: (old.email?.sends ?? 0) + 1 } });
});

it('does not start the other journey again if it is gone when the request is repeated: its user was erased', async () => {
  const [lou, lou2] = await begin('lou');
  await supersede(lou, lou2);
  await waitForPosition(stack, lou, 'cancelled');
  const handle = stack.client.workflow.getHandle(journeyId(lou2));
  const { namespace } = stack.client.options;
  await stack.client.workflowService.deleteWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: handle.workflowId },
  });
  await waitUntil(async () => !(await exists(lou2)), 'the new journey is deleted');
  await expect(supersede(lou, lou2)).rejects.toMatchObject({ code: 'not_found' });
  expect(await exists(lou2)).toBe(false);
});
