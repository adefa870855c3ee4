import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setup } from '../../../client/temporal/setup.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Ask, Gateway } from '../../support/gateway.ts';
import { NEVER_BY_ITSELF } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { waitUntil, guessWrong, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address }, { rates: { sendsPerSecond: 10, checksPerSecond: 5 } });
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
});

/** The users whose journeys this file has begun. */
const users: string[] = [];

const see = (path: string, more: Ask = {}) => gateway.call('GET', path, { as: 'viewer', ...more });

async function startUser(name: string, labels = ''): Promise<string> {
  const id = uniqueUserId(name, labels);
  users.push(id);
  await gateway.stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  return id;
}

/** The events of a stream, as long as `until` is not there yet. */
async function eventsOf(
  path: string,
  until: (text: string) => boolean,
  as: 'viewer' | 'app' = 'viewer',
): Promise<string> {
  const over = new AbortController();
  const headers = { authorization: `Bearer ${bearers[as]}`, accept: 'text/event-stream' };
  const { body } = await fetch(`${gateway.url}${path}`, { headers, signal: over.signal });
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (until(text)) break;
  }
  over.abort();
  return text;
}

it('counts by any filter, also by how long it has been so', async () => {
  const before = new Date().toISOString();
  await startUser('old');
  await waitUntil(async () => (await see('/v1/journeys/count?state=emailPending')).body.count === 1, 'it is counted');
  const later = new Date(Date.now() + 60_000).toISOString();
  expect((await see(`/v1/journeys/count?state=emailPending&sinceBefore=${before}`)).body).toEqual({ count: 0 });
  expect((await see(`/v1/journeys/count?state=emailPending&sinceBefore=${later}`)).body).toEqual({ count: 1 });
  expect((await see(`/v1/journeys?sinceBefore=${before}`)).body.items).toEqual([]);
  expect(await see('/v1/journeys/count?sinceBefore=yesterday')).toMatchObject({
    status: 400,
    body: { field: 'sinceBefore' },
  });
  expect(await see('/v1/journeys/count', { as: 'app' })).toMatchObject({ status: 403 });
});

it('returns the expected result of a command without changing the journey', async () => {
  const id = await startUser('asked');
  const path = `/v1/users/${id}/onboarding`;
  const forecast = (command: string, as: Ask['as'] = 'operator') => see(`${path}/preview?command=${command}`, { as });
  const { revision } = await gateway.stack.onward.status(id);
  expect((await forecast('resend')).body).toEqual({ outcome: 'sends', until: null, why: null });
  expect((await forecast('pause')).body).toMatchObject({ outcome: 'applied' });
  const retry = { outcome: 'invalidState', why: 'retry is not allowed in emailPending.awaitingCode' };
  expect((await forecast('retry')).body).toMatchObject(retry);
  expect((await gateway.stack.onward.status(id)).revision).toBe(revision);
  expect(await forecast('submitCode')).toMatchObject({ status: 400, body: { field: 'command' } });
  expect(await forecast('pause', 'viewer')).toMatchObject({ status: 403 });
  expect(await see('/v1/users/unknown/onboarding/preview?command=retry', { as: 'operator' })).toMatchObject({
    status: 404,
  });
});

it('returns the status after each timeline entry, with what each role may see', async () => {
  const id = await startUser('past');
  await guessWrong(gateway.stack, id);
  const path = `/v1/users/${id}/onboarding/timeline`;
  const { items } = (await see(`${path}?include=status`, { as: 'operator' })).body;
  const places = items.map(
    ({ status }: { status: { state: string; step: string } }) => `${status.state}.${status.step}`,
  );
  expect(places).toEqual([
    'emailPending.sending',
    'emailPending.awaitingCode',
    'emailPending.checkingCode',
    'emailPending.awaitingCode',
  ]);
  expect(items.map(({ status }: { status: { email: object } }) => status.email)).toMatchObject([
    { sends: 0, guessesLeft: 5 },
    { sends: 1, guessesLeft: 5 },
    { sends: 1, guessesLeft: 4 },
    { sends: 1, guessesLeft: 4 },
  ]);
  expect(Object.keys(items[1].status.allowed)).toEqual(['resend', 'recheck', 'pause', 'cancel', 'override']);
  const toApp = (await see(`${path}?include=status`, { as: 'app' })).body.items;
  expect(Object.keys(toApp[1].status.allowed)).toEqual(['submitCode', 'resend', 'recheck']);
  expect((await see(path, { as: 'app' })).body.items[0]).not.toHaveProperty('status');
  expect(await see(`${path}?include=all`)).toMatchObject({ status: 400, body: { field: 'include' } });
});

it('shows everything at one glance, at once and live', async () => {
  const first = await see('/v1/dashboard');
  expect(first).toMatchObject({
    status: 200,
    body: { recovery: null, limits: { sendsPerMinute: 600 }, operations: [], reconciliation: null },
  });
  expect(first.body.workers.map(({ use, workers }: { use: string; workers: number }) => [use, workers > 0])).toEqual([
    ['journeys', true],
    ['sends', true],
    ['checks', true],
  ]);
  await setup(gateway.stack.client, {
    taskQueue: gateway.stack.taskQueue,
    recovery: { every: NEVER_BY_ITSELF, perSecond: 5, upToPerSecond: 20 },
  });
  // The counts are at most two seconds behind.
  const total = users.length;
  await waitUntil(async () => (await see('/v1/journeys/summary')).body.total === total, 'all are counted');
  const more = startUser('live');
  const parts = [`"total":${total + 1}`, '"emailPending","oldest":"2', '"recovery":{'];
  const text = await eventsOf(
    '/v1/dashboard',
    (read) => parts.every((part) => read.includes(part)) && read.endsWith('\n\n'),
  );
  await more;
  const dataLines = text.split('\n').filter((line) => line.startsWith('data: '));
  expect(text.startsWith('event: dashboard\n')).toBe(true);
  const last = JSON.parse(dataLines.at(-1)?.slice('data: '.length) ?? '{}');
  expect(last).toMatchObject({ recovery: { state: 'idle' } });
  const emailPending = last.byState.find(({ state }: { state: string }) => state === 'emailPending');
  expect(emailPending.steps).toEqual({ locked: 0, paused: 0, stalled: 0 });
  const sinces = (await gateway.stack.onward.list({ state: 'emailPending' })).items.map(({ since }) => since);
  expect(emailPending.oldest).toBe(sinces.toSorted()[0]);
  expect(await see('/v1/dashboard', { as: 'app' })).toMatchObject({ status: 403 });
});

it('finds the next oldest once the oldest has gone on', async () => {
  const oldest = async () =>
    (await gateway.stack.onward.dashboard.refresh()).byState.find(({ state }) => state === 'emailPending')?.oldest;
  const listed = async () =>
    (await gateway.stack.onward.list({ state: 'emailPending' })).items.toSorted((a, b) =>
      a.since.localeCompare(b.since),
    );
  const [first, second] = await listed();
  await waitUntil(async () => (await oldest()) === first?.since, 'the oldest is found');
  await gateway.stack.onward.cancel(first?.userId ?? '', { reason: 'gone' }, { role: 'operator', name: 'night' });
  await waitUntil(async () => (await listed())[0]?.userId === second?.userId, 'it is gone from the lists');
  await waitUntil(async () => (await oldest()) === second?.since, 'the next oldest is found');
  expect(await oldest()).toBe(second?.since);
});
