import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { finalStates, OnwardClient, Problem } from '../../client/http/index.ts';
import type { Status } from '../../client/http/index.ts';
import { isFinal, states } from '../../workflows/status.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { eventually, newestCode, user } from '../support/stack.ts';

let gateway: Gateway;
let client: OnwardClient;
let operator: OnwardClient;
beforeAll(async () => {
  gateway = await startGateway();
  client = new OnwardClient({ url: gateway.url, token: bearers.app });
  operator = new OnwardClient({ url: `${gateway.url}/`, token: bearers.operator });
});
afterAll(() => gateway?.close());

async function untilAt(id: string, state: Status['state'], step: Status['step']): Promise<Status> {
  let status = await client.status(id);
  while (status.state !== state || status.step !== step) {
    status = await client.waitFor(id, { after: status.revision ?? 0, wait: 5 });
  }
  return status;
}

async function enter(id: string, channel: 'email' | 'sms') {
  return client.submitCode(id, { channel, code: await newestCode(gateway.stack, id, channel) });
}

const problemOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error as Problem,
  );

it('brings a person to verified', async () => {
  const ada = user('ada');
  expect(await client.start(ada, { accountType: 'individual' })).toMatchObject({ userId: ada });
  await untilAt(ada, 'emailPending', 'awaitingCode');
  expect(await enter(ada, 'email')).toMatchObject({ outcome: 'verified' });
  await untilAt(ada, 'smsPending', 'awaitingCode');
  expect(await enter(ada, 'sms')).toMatchObject({ outcome: 'verified' });
  expect(await untilAt(ada, 'done', null)).toMatchObject({ allowed: {} });
  const { items } = await operator.timeline(ada);
  expect(items[0]).toMatchObject({ what: 'Started' });
});

it('carries out operators’ commands, once under the same key', async () => {
  const bo = user('bo');
  await client.start(bo, { accountType: 'business' });
  await untilAt(bo, 'emailPending', 'awaitingCode');
  const paused = await operator.pause(bo, { reason: 'a look' }, { idempotencyKey: 'p-1' });
  expect(paused).toMatchObject({ step: 'paused' });
  const again = await operator.pause(bo, { reason: 'a look' }, { idempotencyKey: 'p-1' });
  expect(again.revision).toBe(paused.revision);
  await operator.resume(bo, { reason: 'seen' });
  await operator.recheck(bo);
  await client.resend(bo);
  await untilAt(bo, 'emailPending', 'awaitingCode');
  await operator.override(bo, { channel: 'email', reason: 'passport' });
  expect(await untilAt(bo, 'done', null)).toMatchObject({ email: { evidence: 'operator' } });
});

it('restarts, lists and counts', async () => {
  const cy = user('cy');
  await client.start(cy, { accountType: 'individual' });
  await operator.cancel(cy, { reason: 'a mistake' });
  await untilAt(cy, 'cancelled', null);
  expect(await operator.restart(cy, { reason: 'not so' })).toMatchObject({ state: 'emailPending' });
  await eventually(async () => (await operator.list({ userId: cy, limit: 5 })).items.length > 0, 'it is listed');
  expect((await operator.summary()).total).toBeGreaterThan(0);
});

describe('a problem', () => {
  it('names what is allowed instead', async () => {
    const di = user('di');
    await client.start(di, { accountType: 'individual' });
    await untilAt(di, 'emailPending', 'awaitingCode');
    const problem = await problemOf(operator.resume(di, { reason: 'x' }));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: 'not_now', status: 409, state: 'emailPending', step: 'awaitingCode' });
    expect(problem?.allowed).toHaveProperty('pause');
    const wrong = await problemOf(client.submitCode(di, { channel: 'email', code: 'x' }));
    expect(wrong).toMatchObject({ code: 'bad_request', field: 'code' });
    expect(await problemOf(client.status(user('nobody')))).toMatchObject({ code: 'not_found', status: 404 });
  });

  it.each(['.', '..', 'ada@example.test'])('is that %s is no user id, and nobody is asked', async (id) => {
    const unasked = () => Promise.reject(new Error('it was asked'));
    const careful = new OnwardClient({ url: gateway.url, token: bearers.operator, fetch: unasked });
    const reason = { reason: 'x' };
    const answers = [
      careful.start(id, { accountType: 'individual' }),
      careful.status(id),
      careful.waitFor(id, { after: 1 }),
      careful.timeline(id),
      careful.forecast(id, { command: 'retry' }),
      careful.pause(id, reason),
      careful.erase(id, reason),
      drain(careful.watch(id)[Symbol.asyncIterator]()),
    ].map(problemOf);
    for (const answer of answers) {
      expect(await answer).toMatchObject({ code: 'bad_request', status: 400, field: 'userId' });
    }
  });

  it('tells that nobody answers, and that somebody else does', async () => {
    const nowhere = new OnwardClient({ url: 'http://127.0.0.1:9', token: 'x' });
    expect(await problemOf(nowhere.summary())).toMatchObject({ code: 'unreachable', status: 0 });
    const proxy = async () => new Response('<html>', { status: 502, headers: { 'retry-after': '7' } });
    const behind = new OnwardClient({ url: 'http://proxy', token: 'x', fetch: proxy });
    expect(await problemOf(behind.summary())).toMatchObject({ code: 'unexpected', status: 502, retryAfter: 7 });
  });
});

describe('watching', () => {
  it('goes on after a broken connection where it was, and ends at the final state', async () => {
    const eve = user('eve');
    const resumedFrom: (string | null)[] = [];
    const breaking: typeof fetch = async (input, init) => {
      resumedFrom.push(new Headers(init?.headers).get('last-event-id'));
      const response = await fetch(input, init);
      return resumedFrom.length > 1 ? response : new Response(firstEventOf(response), response);
    };
    await client.start(eve, { accountType: 'business' });
    await untilAt(eve, 'emailPending', 'awaitingCode');
    const seen: Status[] = [];
    const watcher = new OnwardClient({ url: gateway.url, token: bearers.app, fetch: breaking });
    for await (const status of watcher.watch(eve)) {
      seen.push(status);
      if (seen.length === 1) setTimeout(() => void enter(eve, 'email'), 1_500);
    }
    expect(seen.at(-1)).toMatchObject({ state: 'done' });
    expect(resumedFrom.slice(0, 2)).toEqual([null, String(seen[0]?.revision)]);
    const revisions = seen.map(({ revision }) => revision);
    expect(new Set(revisions).size).toBe(revisions.length);
  });

  it('says why it never got in, and ends when it is told to', async () => {
    const next = (id: string, signal?: AbortSignal) => client.watch(id, { signal })[Symbol.asyncIterator]();
    expect(await problemOf(next(user('nobody')).next())).toMatchObject({ code: 'not_found' });
    const flo = user('flo');
    await client.start(flo, { accountType: 'individual' });
    const left = new AbortController();
    const changes = next(flo, left.signal);
    await changes.next();
    left.abort();
    await expect(drain(changes)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('knows the final states of the machine', () => {
    expect([...finalStates].toSorted()).toEqual(states.filter(isFinal).toSorted());
  });
});

async function drain(changes: AsyncIterator<Status>): Promise<void> {
  while (!(await changes.next()).done);
}

/** A body that breaks off after its first event. */
function firstEventOf({ body }: Response): ReadableStream<Uint8Array> {
  const reader = body?.getReader();
  return new ReadableStream({
    async pull(out) {
      const chunk = await reader?.read();
      if (chunk?.value !== undefined) out.enqueue(chunk.value);
      await reader?.cancel();
      setTimeout(() => out.error(new Error('broken')), 50);
    },
  });
}

describe('the doors of the OpenAPI document', () => {
  it('have a method each', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; tags?: string[] }>>;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const wanted = operations
      .filter(({ tags = [] }) =>
        tags.some((tag) => ['sign-up', 'journey', 'journeys', 'operations', 'recovery', 'webhooks'].includes(tag)),
      )
      .map(({ operationId }) => operationId)
      .filter((id) => id !== 'signup');
    expect(wanted.length).toBeGreaterThan(21);
    const methods = Object.getOwnPropertyNames(OnwardClient.prototype);
    expect(wanted.filter((id) => !methods.includes(id))).toEqual([]);
    const ahead = ['waitFor', 'watch', 'constructor'];
    expect(methods.filter((name) => ![...wanted, ...ahead].includes(name))).toEqual([]);
  });
});
