import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setup } from '../../client/setup.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Ask, Gateway } from '../support/gateway.ts';
import { SELDOM } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually, guessWrong, untilAt, user } from '../support/stack.ts';

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

const see = (path: string, more: Ask = {}) => gateway.call('GET', path, { as: 'viewer', ...more });

async function begun(name: string, labels = ''): Promise<string> {
  const id = user(name, labels);
  await gateway.stack.onward.start(id, { accountType: 'individual' });
  await untilAt(gateway.stack, id, 'emailPending.awaitingCode');
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
  await begun('old');
  await eventually(async () => (await see('/v1/journeys/count?state=emailPending')).body.count === 1, 'it is counted');
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

it('says what would come of a command, and tells the journey nothing', async () => {
  const id = await begun('asked');
  const path = `/v1/users/${id}/onboarding`;
  const forecast = (command: string, as: Ask['as'] = 'operator') => see(`${path}/forecast?command=${command}`, { as });
  const { revision } = await gateway.stack.onward.status(id);
  expect((await forecast('resend')).body).toEqual({ outcome: 'sends', until: null, why: null });
  expect((await forecast('pause')).body).toMatchObject({ outcome: 'taken' });
  const retry = { outcome: 'notNow', why: 'retry is not allowed in emailPending.awaitingCode' };
  expect((await forecast('retry')).body).toMatchObject(retry);
  expect((await gateway.stack.onward.status(id)).revision).toBe(revision);
  expect(await forecast('submitCode')).toMatchObject({ status: 400, body: { field: 'command' } });
  expect(await forecast('pause', 'viewer')).toMatchObject({ status: 403 });
  expect(await see('/v1/users/nobody/onboarding/forecast?command=retry', { as: 'operator' })).toMatchObject({
    status: 404,
  });
});

it('tells with a timeline how the journey stood after each line, to each role what it may see', async () => {
  const id = await begun('past');
  await guessWrong(gateway.stack, id);
  const path = `/v1/users/${id}/onboarding/timeline`;
  const { items } = (await see(`${path}?stood=true`, { as: 'operator' })).body;
  const places = items.map(({ stood }: { stood: { state: string; step: string } }) => `${stood.state}.${stood.step}`);
  expect(places).toEqual([
    'emailPending.sending',
    'emailPending.awaitingCode',
    'emailPending.checkingCode',
    'emailPending.awaitingCode',
  ]);
  expect(items.map(({ stood }: { stood: { email: object } }) => stood.email)).toMatchObject([
    { sends: 0, guessesLeft: 5 },
    { sends: 1, guessesLeft: 5 },
    { sends: 1, guessesLeft: 4 },
    { sends: 1, guessesLeft: 4 },
  ]);
  expect(Object.keys(items[1].stood.allowed)).toEqual(['resend', 'recheck', 'pause', 'cancel', 'override']);
  const toApp = (await see(`${path}?stood=true`, { as: 'app' })).body.items;
  expect(Object.keys(toApp[1].stood.allowed)).toEqual(['submitCode', 'resend', 'recheck']);
  expect((await see(path, { as: 'app' })).body.items[0]).not.toHaveProperty('stood');
  expect(await see(`${path}?stood=yes`)).toMatchObject({ status: 400, body: { field: 'stood' } });
});

it('shows everything at one glance, at once and live', async () => {
  const first = await see('/v1/now');
  expect(first).toMatchObject({
    status: 200,
    body: { recovery: null, limits: { sendsPerMinute: 600 }, operations: [] },
  });
  expect(first.body.workers.map(({ use, workers }: { use: string; workers: number }) => [use, workers > 0])).toEqual([
    ['journeys', true],
    ['sends', true],
    ['checks', true],
  ]);
  await setup(gateway.stack.client, {
    taskQueue: gateway.stack.taskQueue,
    recovery: { every: SELDOM, perSecond: 5, upToPerSecond: 20 },
  });
  const { total } = (await see('/v1/journeys/summary')).body;
  const more = begun('live');
  const parts = [`"total":${total + 1}`, '"emailPending","oldest":"2', '"recovery":{'];
  const text = await eventsOf('/v1/now', (read) => parts.every((part) => read.includes(part)) && read.endsWith('\n\n'));
  await more;
  const told = text.split('\n').filter((line) => line.startsWith('data: '));
  expect(text.startsWith('event: now\n')).toBe(true);
  const last = JSON.parse(told.at(-1)?.slice('data: '.length) ?? '{}');
  expect(last).toMatchObject({ recovery: { state: 'idle' } });
  const emailPending = last.standing.find(({ state }: { state: string }) => state === 'emailPending');
  expect(emailPending.steps).toEqual({ locked: 0, paused: 0, stalled: 0 });
  const sinces = (await gateway.stack.onward.list({ state: 'emailPending' })).items.map(({ since }) => since);
  expect(emailPending.oldest).toBe(sinces.toSorted()[0]);
  expect(await see('/v1/now', { as: 'app' })).toMatchObject({ status: 403 });
});

it('finds the next oldest once the oldest has gone on', async () => {
  const oldest = async () =>
    (await gateway.stack.onward.looking.look()).standing.find(({ state }) => state === 'emailPending')?.oldest;
  const listed = async () =>
    (await gateway.stack.onward.list({ state: 'emailPending' })).items.toSorted((a, b) =>
      a.since.localeCompare(b.since),
    );
  const [first, second] = await listed();
  await eventually(async () => (await oldest()) === first?.since, 'the oldest is found');
  await gateway.stack.onward.cancel(first?.userId ?? '', { reason: 'gone' }, { role: 'operator', name: 'night' });
  await eventually(async () => (await listed())[0]?.userId === second?.userId, 'it is gone from the lists');
  await eventually(async () => (await oldest()) === second?.since, 'the next oldest is found');
  expect(await oldest()).toBe(second?.since);
});
