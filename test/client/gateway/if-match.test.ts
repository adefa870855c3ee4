import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGateway } from '../../support/gateway.ts';
import type { Ask, Gateway } from '../../support/gateway.ts';
import { uniqueUserId, waitForPosition } from '../../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

const reason = 'seen by the night shift';

async function begun(name: string): Promise<string> {
  const id = uniqueUserId(name);
  await gateway.stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  return `/v1/users/${id}/onboarding`;
}

const send = (path: string, command: string, etag: string, more: Ask = {}) =>
  gateway.call('POST', `${path}/${command}`, {
    as: 'operator',
    body: { reason },
    ...more,
    headers: { 'if-match': etag, ...more.headers },
  });

it('applies a command to the revision that its sender has seen, and returns the next one as etag', async () => {
  const ada = await begun('ada');
  const seen = await gateway.call('GET', ada, { as: 'viewer' });
  const etag = seen.headers.get('etag') ?? '';
  expect(etag).toBe(`"${seen.body.revision}"`);
  const paused = await send(ada, 'pause', etag);
  expect(paused).toMatchObject({ status: 202, body: { step: 'paused', revision: seen.body.revision + 1 } });
  expect(paused.headers.get('etag')).toBe(`"${paused.body.revision}"`);
});

it('refuses a command to an older revision, and names the faster operator, the act and its reason', async () => {
  const bo = await begun('bo');
  const { headers } = await gateway.call('GET', bo, { as: 'viewer' });
  const etag = headers.get('etag') ?? '';
  expect(await send(bo, 'pause', etag)).toMatchObject({ status: 202 });
  for (const command of ['cancel', 'pause']) {
    const refused = await send(bo, command, etag);
    expect(refused).toMatchObject({
      status: 412,
      body: {
        code: 'revision_differs',
        revision: expect.any(Number),
        newest: { what: 'Paused', by: 'operator operator-name', reason },
        detail: expect.stringContaining('Paused by operator operator-name (seen by the night shift)'),
      },
    });
  }
  expect((await gateway.call('GET', bo)).body).toMatchObject({ step: 'paused' });
});

it('does not show a product’s backend which operator was faster', async () => {
  const cy = await begun('cy');
  const { headers } = await gateway.call('GET', cy);
  await gateway.call('POST', `${cy}/pause`, { as: 'operator', body: { reason } });
  const refused = await send(cy, 'resend', headers.get('etag') ?? '', { as: 'app', body: {} });
  expect(refused).toMatchObject({ status: 412, body: { newest: { what: 'Paused', by: null, reason: null } } });
  expect(JSON.stringify(refused.body)).not.toContain('operator-name');
});

it('answers a repeated request with the reply of the first, although the revision is another now', async () => {
  const dan = await begun('dan');
  const { headers } = await gateway.call('GET', dan, { as: 'viewer' });
  const again = { headers: { 'idempotency-key': 'the-button' } };
  const first = await send(dan, 'pause', headers.get('etag') ?? '', again);
  expect(first.status).toBe(202);
  expect(await send(dan, 'pause', headers.get('etag') ?? '', again)).toMatchObject({ status: 202 });
});

it.each(['7', 'W/"7"', '"7", "8"', '*', '"seven"'])(
  'refuses the If-Match %s, and says what would be right',
  async (etag) => {
    const eve = await begun('eve');
    expect(await send(eve, 'pause', etag)).toMatchObject({
      status: 400,
      body: { field: 'if-match', detail: expect.stringContaining('the `etag` of a status') },
    });
  },
);

it('reports a revision that is ahead of the journey', async () => {
  const fay = await begun('fay');
  expect(await send(fay, 'pause', '"999"')).toMatchObject({ status: 412, body: { newest: null } });
});
