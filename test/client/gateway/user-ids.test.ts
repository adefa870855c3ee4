import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { waitUntil, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let folded: Gateway;
let caseSensitive: Gateway;
beforeAll(async () => {
  caseSensitive = await startGateway();
  folded = await openGateway(caseSensitive.stack, { userIds: 'folded' });
});
afterAll(async () => {
  await folded?.close();
  await caseSensitive?.close();
});

const event = (userId: string) => ({
  type: 'user.created',
  timestamp: new Date().toISOString(),
  data: { userId, accountType: 'individual' },
});
const start = (gateway: Gateway, id: string) =>
  gateway.call('POST', `/v1/users/${id}/onboarding`, { body: { accountType: 'individual' } });
const swapped = (id: string) => `${id.slice(0, 3).toUpperCase()}${id.slice(3)}`;

describe('a gateway under userIds: folded', () => {
  it('starts one journey for ids that differ only in upper and lower case', async () => {
    const ada = uniqueUserId('ada');
    expect(await start(folded, swapped(ada))).toMatchObject({ status: 201, body: { userId: ada } });
    expect(await start(folded, ada)).toMatchObject({ status: 200, body: { userId: ada } });
    expect((await folded.deliver(event(ada.toUpperCase()))).body).toEqual({ userId: ada, journey: 'existing' });
    expect((await caseSensitive.call('GET', `/v1/users/${swapped(ada)}/onboarding`)).status).toBe(404);
  });

  it('folds the id of a sign-up event', async () => {
    const bo = uniqueUserId('bo');
    expect((await folded.deliver(event(bo.toUpperCase()))).body).toEqual({ userId: bo, journey: 'started' });
    expect((await folded.deliver({ ...event(bo.toUpperCase()), type: 'user.updated' })).body.userId).toBe(bo);
  });

  it('finds the journey by any spelling in every route of a user, and in lists', async () => {
    const cy = uniqueUserId('cy');
    await start(folded, cy);
    await waitForPosition(folded.stack, cy, 'emailPending.awaitingCode');
    const id = cy.toUpperCase();
    expect((await folded.call('GET', `/v1/users/${id}/onboarding`)).body.userId).toBe(cy);
    expect((await folded.call('GET', `/v1/users/${id}/onboarding/timeline`)).status).toBe(200);
    const body = { channel: 'email', code: '000000' };
    expect((await folded.call('POST', `/v1/users/${id}/onboarding/code`, { body })).body).toMatchObject({
      outcome: 'incorrect',
    });
    const listed = await folded.call('GET', `/v1/journeys?userId=${id}`, { as: 'viewer' });
    expect((listed.body.items as { userId: string }[]).map(({ userId }) => userId)).toEqual([cy]);
    const count = await folded.call('GET', `/v1/journeys/count?userId=${id}`, { as: 'viewer' });
    expect(count.body).toMatchObject({ count: 1 });
  });

  it('writes only the folded id into the audit log, so that an erasure finds it', async () => {
    const ida = uniqueUserId('ida');
    await start(folded, ida);
    await waitForPosition(folded.stack, ida, 'emailPending.awaitingCode');
    const spelt = ida.toUpperCase();
    const path = `/v1/users/${spelt}/onboarding`;
    const pause = { as: 'operator', body: { reason: 'a test' } } as const;
    expect(await folded.call('POST', `${path}/pause`, pause)).toMatchObject({ status: 202 });
    const supersede = { as: 'operator', body: { newUserId: `${spelt}-2`, reason: 'a test' } } as const;
    expect(await folded.call('POST', `${path}/supersede`, supersede)).toMatchObject({ status: 201 });
    const lines = folded.logged.filter((line) => line.includes('"audit"') && line.includes(ida));
    expect(lines).toHaveLength(6);
    expect(folded.logged.filter((line) => line.includes('"audit"')).join()).not.toContain(spelt);
  });

  it('selects the journey by any spelling in the filter of a bulk operation', async () => {
    const eve = uniqueUserId('eve');
    await start(folded, eve);
    await waitForPosition(folded.stack, eve, 'emailPending.awaitingCode');
    const body = {
      command: 'recheck',
      filter: { userId: eve.toUpperCase() },
      expected: 1,
      dryRun: true,
      reason: 'a try',
    };
    const { body: begun } = await folded.call('POST', '/v1/operations', { as: 'operator', body });
    const path = `/v1/operations/${begun.id}`;
    const over = await waitUntil(async () => {
      const { body: operation } = await folded.call('GET', path, { as: 'viewer' });
      return operation.state === 'done' && operation;
    }, 'the operation is over');
    expect(over).toMatchObject({ filter: { userId: eve }, done: 1 });
  });
});

it('treats ids that differ in case as two users under the default, caseSensitive', async () => {
  const di = uniqueUserId('dietrich');
  expect((await start(caseSensitive, di)).status).toBe(201);
  expect(await start(caseSensitive, swapped(di))).toMatchObject({ status: 201, body: { userId: swapped(di) } });
  expect((await caseSensitive.deliver(event(di.toUpperCase()))).body).toEqual({
    userId: di.toUpperCase(),
    journey: 'started',
  });
});
