import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { finalStates, OnwardClient, Problem } from '../../../client/http-client/index.ts';
import type { Status } from '../../../client/http-client/index.ts';
import { isFinal, states } from '../../../workflows/journey/status/status.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { waitUntil, newestCode, uniqueUserId } from '../../support/stack.ts';

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
  const ada = uniqueUserId('ada');
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
  const bo = uniqueUserId('bo');
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
  const cy = uniqueUserId('cy');
  await client.start(cy, { accountType: 'individual' });
  await operator.cancel(cy, { reason: 'a mistake' });
  await untilAt(cy, 'cancelled', null);
  expect(await operator.restart(cy, { reason: 'not so' })).toMatchObject({ state: 'emailPending' });
  await waitUntil(async () => (await operator.list({ userId: cy, limit: 5 })).items.length > 0, 'it is listed');
  expect((await operator.summary()).total).toBeGreaterThan(0);
});

it('supersedes a journey', async () => {
  const eve = uniqueUserId('eve');
  await client.start(eve, { accountType: 'individual' });
  const request = { newUserId: `${eve}-2`, reason: 'another address' };
  expect(await client.supersede(eve, request)).toMatchObject({ userId: `${eve}-2`, supersedes: eve });
  expect(await client.status(eve)).toMatchObject({ state: 'cancelled', supersededBy: `${eve}-2` });
  expect(await problemOf(client.supersede(eve, { ...request, newUserId: eve }))).toMatchObject({
    code: 'bad_request',
    field: 'newUserId',
  });
});

describe('a problem', () => {
  it('names what is allowed instead', async () => {
    const di = uniqueUserId('di');
    await client.start(di, { accountType: 'individual' });
    await untilAt(di, 'emailPending', 'awaitingCode');
    const problem = await problemOf(operator.resume(di, { reason: 'x' }));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: 'invalid_state', status: 409, state: 'emailPending', step: 'awaitingCode' });
    expect(problem?.allowed).toHaveProperty('pause');
    const wrong = await problemOf(client.submitCode(di, { channel: 'email', code: 'x' }));
    expect(wrong).toMatchObject({ code: 'bad_request', field: 'code' });
    expect(await problemOf(client.status(uniqueUserId('unknown')))).toMatchObject({ code: 'not_found', status: 404 });
  });

  it.each(['.', '..', 'ada@example.test'])('rejects the user id %s without sending a request', async (id) => {
    const unasked = () => Promise.reject(new Error('it was asked'));
    const careful = new OnwardClient({ url: gateway.url, token: bearers.operator, fetch: unasked });
    const reason = { reason: 'x' };
    const answers = [
      careful.start(id, { accountType: 'individual' }),
      careful.status(id),
      careful.waitFor(id, { after: 1 }),
      careful.timeline(id),
      careful.preview(id, { command: 'retry' }),
      careful.pause(id, reason),
      careful.erase(id, reason),
      drain(careful.watch(id)[Symbol.asyncIterator]()),
    ].map(problemOf);
    for (const answer of answers) {
      expect(await answer).toMatchObject({ code: 'bad_request', status: 400, field: 'userId' });
    }
  });

  it('distinguishes a gateway that does not respond from another server', async () => {
    const nowhere = new OnwardClient({ url: 'http://127.0.0.1:9', token: 'x' });
    expect(await problemOf(nowhere.summary())).toMatchObject({ code: 'unreachable', status: 0 });
    const proxy = async () => new Response('<html>', { status: 502, headers: { 'retry-after': '7' } });
    const behind = new OnwardClient({ url: 'http://proxy', token: 'x', fetch: proxy });
    expect(await problemOf(behind.summary())).toMatchObject({
      code: 'unexpected_response',
      status: 502,
      retryAfter: 7,
    });
  });
});

describe('watching', () => {
  it('continues after a broken connection, and ends at the final state', async () => {
    const eve = uniqueUserId('eve');
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

  it('throws the reason if the first connection fails, and ends when aborted', async () => {
    const next = (id: string, signal?: AbortSignal) => client.watch(id, { signal })[Symbol.asyncIterator]();
    expect(await problemOf(next(uniqueUserId('unknown')).next())).toMatchObject({ code: 'not_found' });
    const flo = uniqueUserId('flo');
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

describe('the operations of the OpenAPI document', () => {
  it('have a method each', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; tags?: string[] }>>;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const wanted = operations
      .filter(({ tags = [] }) =>
        tags.some((tag) =>
          [
            'sign-up',
            'journey',
            'journeys',
            'operations',
            'recovery',
            'webhooks',
            'reconciliations',
            'what-ifs',
            'acts',
            'notes',
          ].includes(tag),
        ),
      )
      .map(({ operationId }) => operationId)
      .filter((id) => id !== 'signup');
    expect(wanted.length).toBeGreaterThan(21);
    const methods = Object.getOwnPropertyNames(OnwardClient.prototype);
    expect(wanted.filter((id) => !methods.includes(id))).toEqual([]);
    const ahead = ['waitFor', 'watch', 'send', 'metrics', 'constructor'];
    expect(methods.filter((name) => ![...wanted, ...ahead].includes(name))).toEqual([]);
  });
});
