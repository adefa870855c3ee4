import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runExport } from '../../../client/exports/run-export.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { guessWrong, operator, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand } from '../cli/run-cli.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

const path = (id: string, query = '') => `/v1/users/${id}/onboarding/export${query}`;
const REASON = 'ada called and asked';

/** A journey that has stalled on its second code, after a wrong guess and an operator's pause. */
async function stalled(): Promise<string> {
  const { onward, sfox } = gateway.stack;
  const id = uniqueUserId('stalled');
  await onward.start(id, { accountType: 'individual' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  await guessWrong(gateway.stack, id);
  await onward.pause(id, { reason: REASON }, operator);
  await onward.resume(id, { reason: REASON }, operator);
  sfox.outage(true);
  try {
    await onward.resend(id, { channel: 'email' }, operator);
    await waitForPosition(gateway.stack, id, 'emailPending.stalled');
  } finally {
    sfox.outage(false);
  }
  return id;
}

it('exports any moment of a journey, anonymised, as a file that runs without a server', async () => {
  const id = await stalled();
  const timeline = await gateway.call('GET', `/v1/users/${id}/onboarding/timeline?include=status`, { as: 'viewer' });
  const whole = await gateway.call('GET', path(id), { as: 'viewer' });
  expect(whole.status).toBe(200);
  expect(whole.headers.get('content-disposition')).toMatch(/^attachment; filename="emailPending-\d+\.json"$/);
  expect(whole.body.status).toMatchObject({ step: 'stalled', userId: 'exported-user' });
  for (const text of [id, REASON, 'night', '•••']) expect(JSON.stringify(whole.body)).not.toContain(text);
  for (const { status } of timeline.body.items) {
    const { body } = await gateway.call('GET', path(id, `?at=${status.revision}`), { as: 'viewer' });
    expect(body.status).toMatchObject({ revision: status.revision, state: status.state, step: status.step });
    const { migrated, replayed } = runExport(body);
    expect(migrated).toEqual(body.status);
    expect(replayed).toEqual(body.status);
  }
  const withTexts = await gateway.call('GET', path(id, '?texts=keep'), { as: 'viewer' });
  expect(JSON.stringify(withTexts.body)).toContain(REASON);
});

it('exports both journeys of a person with two user ids, and names neither id', async () => {
  const id = await stalled();
  const next = `${id}-2`;
  await gateway.stack.onward.supersede(id, { newUserId: next, reason: REASON }, operator);
  await waitForPosition(gateway.stack, next, 'emailPending.awaitingCode');
  for (const [user, links] of [
    [id, { state: 'cancelled', supersededBy: 'other-user', supersedes: null }],
    [next, { state: 'emailPending', supersededBy: null, supersedes: 'other-user' }],
  ] as const) {
    const { status, body } = await waitUntil(async () => {
      const reply = await gateway.call('GET', path(user), { as: 'viewer' });
      return reply.status !== 503 && reply;
    }, 'the journey is exported');
    expect({ status, links: body.status }).toMatchObject({ status: 200, links });
    expect(JSON.stringify(body)).not.toContain(id);
    const { migrated, replayed } = runExport(body);
    expect([migrated, replayed]).toEqual([body.status, body.status]);
  }
});

it('fails when an event of the file, or the machine, has changed', async () => {
  const { body } = await gateway.call('GET', path(await stalled()), { as: 'viewer' });
  const entries = body.entries.filter(({ type }: { type: string }) => type !== 'pause');
  expect(() => runExport({ ...body, entries })).toThrow(/entry 5: resume has no effect in emailPending.awaitingCode/);
  const older = runExport({ ...body, machineVersion: body.machineVersion + 1 });
  expect(older).toMatchObject({ migrated: body.status, replayed: undefined });
});

it('names a revision that the journey does not have, and is for viewers', async () => {
  const id = await stalled();
  const beyond = await gateway.call('GET', path(id, '?at=999'), { as: 'viewer' });
  expect(beyond).toMatchObject({
    status: 400,
    body: { field: 'at', detail: expect.stringMatching(/from 1 to \d+; got 999/) },
  });
  expect(await gateway.call('GET', path(id), { as: 'app' })).toMatchObject({ status: 403 });
  expect(await gateway.call('GET', path(uniqueUserId('unknown')), { as: 'viewer' })).toMatchObject({ status: 404 });
});

it('is printed by `onward export`', async () => {
  const id = await stalled();
  const env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer };
  const { exit, out, err } = await runCommand(['export', id, '--at', '2'], env);
  expect([exit, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ format: 'onward-export/1', status: { step: 'awaitingCode', revision: 2 } });
  expect(await runCommand(['export', id, '--at', '999'], env)).toMatchObject({ exit: 2 });
});
