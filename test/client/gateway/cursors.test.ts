import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bearers, openGateway, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { keys, uniqueUserId, waitUntil } from '../../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true });
});
afterAll(() => gateway?.close());

const list = (query: string, at = gateway, path = '/v1/journeys') =>
  at.call('GET', `${path}?${query}`, { as: 'viewer' });

async function firstPage(): Promise<string> {
  for (const name of ['ada', 'bob', 'cy'])
    await gateway.stack.onward.start(uniqueUserId(name), { accountType: 'business' });
  const page = await waitUntil(async () => {
    const answer = await list('limit=1');
    return answer.body.next === null ? undefined : answer;
  }, 'a page has a next one');
  return page.body.next as string;
}

it('continues a list at any gateway, also after the keys were rotated', async () => {
  const next = await firstPage();
  expect(await list(`limit=1&cursor=${next}`)).toMatchObject({ status: 200, body: { items: [{}] } });
  const rotated = await openGateway(gateway.stack, {
    encryptionKeys: [{ id: 'new', key: Buffer.alloc(32, 7) }, ...keys],
  });
  try {
    expect(await list(`limit=1&cursor=${next}`, rotated)).toMatchObject({ status: 200, body: { items: [{}] } });
  } finally {
    await rotated.close();
  }
});

it('refuses a cursor of another list, and one that was forged or changed', async () => {
  const next = await firstPage();
  const forged = (token: string) => {
    const check = createHash('sha256').update(token).digest().subarray(0, 6);
    return Buffer.concat([check, Buffer.from(token)]).toString('base64url');
  };
  const changed = `${next.startsWith('A') ? 'B' : 'A'}${next.slice(1)}`;
  const wrong = [forged('x'), forged('{"RunID":5}'), forged('{}'), changed, next.slice(0, -4), 'AAAA', bearers.viewer];
  for (const cursor of wrong) {
    for (const path of ['/v1/journeys', '/v1/operations', '/v1/webhooks']) {
      const answer = await list(`cursor=${cursor}`, gateway, path);
      expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request', field: 'cursor' } });
    }
  }
  expect(await list(`cursor=${next}`, gateway, '/v1/operations')).toMatchObject({ status: 400 });
});
