import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { waitUntil } from '../../support/stack.ts';
import { runCommand } from '../cli/run-cli.ts';

/** More than a page of journeys. */
const USER_COUNT = 205;
let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address, withoutWorker: true });
  const { onward } = gateway.stack;
  for (let nth = 0; nth < USER_COUNT; nth += 41) {
    const ids = Array.from({ length: 41 }, (_, more) => `shop_a:${nth + more}`);
    await Promise.all(ids.map((id) => onward.start(id, { accountType: 'individual' })));
  }
  for (const id of ['shopXa:1', 'other:1']) await onward.start(id, { accountType: 'business' });
  await waitUntil(async () => (await onward.count({})) === USER_COUNT + 2, 'all are listed');
});
afterAll(async () => {
  await gateway?.close();
  await server?.stop();
});

const call = (path: string, as: 'viewer' | 'app' = 'viewer') => gateway.call('GET', path, { as });
const fetchCsv = (query: string) =>
  fetch(`${gateway.url}/v1/journeys.csv${query}`, { headers: { authorization: `Bearer ${bearers.viewer}` } });

it('lists and counts users by how their id begins, every character of it as it is', async () => {
  expect((await call('/v1/journeys/count?userIdPrefix=shop_a:')).body).toEqual({ count: USER_COUNT });
  const { items } = (await call('/v1/journeys?userIdPrefix=shop_a:20')).body;
  const names = items.map(({ userId }: { userId: string }) => userId).toSorted();
  expect(names).toEqual(['shop_a:20', 'shop_a:200', 'shop_a:201', 'shop_a:202', 'shop_a:203', 'shop_a:204']);
  expect((await call('/v1/journeys/count?userIdPrefix=unknown')).body).toEqual({ count: 0 });
});

it.each(['%25', "a' OR '1'='1", 'ada@example.test', 'x'.repeat(129)])('rejects the prefix %s', async (prefix) => {
  expect(await call(`/v1/journeys?userIdPrefix=${prefix}`)).toMatchObject({
    status: 400,
    body: { code: 'bad_request', field: 'userIdPrefix' },
  });
});

it('streams all that match as CSV, over several pages', async () => {
  const response = await fetchCsv('?userIdPrefix=shop_a:');
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toContain('journeys.csv');
  const [head, ...lines] = (await response.text()).trimEnd().split('\r\n');
  expect(head).toBe('userId,accountType,state,step,reason,since,startedAt');
  expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(USER_COUNT);
  expect(lines[0]).toMatch(/^shop_a:\d+,individual,emailPending,,,\d{4}-\S+Z,\d{4}-\S+Z$/);
});

it('answers with a problem, not with CSV, if it cannot begin', async () => {
  expect(await call('/v1/journeys.csv?state=sleeping')).toMatchObject({ status: 400, body: { field: 'state' } });
  expect(await call('/v1/journeys.csv', 'app')).toMatchObject({ status: 403 });
});

it('prints the same CSV with `onward list --csv`', async () => {
  const env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer };
  const { exit, out } = await runCommand(['list', '--csv', '--account-type', 'business'], env);
  expect(exit).toBe(0);
  expect(out).toBe(await (await fetchCsv('?accountType=business')).text());
  expect(out.trimEnd().split('\r\n')).toHaveLength(3);
});
