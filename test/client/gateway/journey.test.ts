import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultPolicy } from '../../../workflows/journey/policy/policy.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import {
  waitUntil,
  newestCode,
  quickPolicy,
  waitForPosition as untilThere,
  uniqueUserId,
} from '../../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

const path = (id: string, rest = '') => `/v1/users/${encodeURIComponent(id)}/onboarding${rest}`;

async function started(name: string, labels = '', accountType = 'individual'): Promise<string> {
  const id = uniqueUserId(name, labels);
  const { status } = await gateway.call('POST', path(id), { body: { accountType } });
  expect(status).toBe(201);
  return id;
}

/** Waits by the gateway's own long-poll. */
async function untilAt(id: string, state: string, step: string | null) {
  return waitUntil(async () => {
    const { body } = await gateway.call('GET', path(id));
    return body.live && body.state === state && body.step === step && body;
  }, `${id} is at ${state} ${step}`);
}

async function enter(id: string, channel: 'email' | 'sms', headers: Record<string, string> = {}) {
  const code = await newestCode(gateway.stack, id, channel);
  return gateway.call('POST', path(id, '/code'), { body: { channel, code }, headers });
}

it('brings a person to verified', async () => {
  const ada = await started('ada');
  await untilAt(ada, 'emailPending', 'awaitingCode');
  const email = await enter(ada, 'email');
  expect(email).toMatchObject({ status: 200, body: { outcome: 'verified', status: { email: { evidence: 'code' } } } });
  await untilAt(ada, 'smsPending', 'awaitingCode');
  expect(await enter(ada, 'sms')).toMatchObject({ status: 200, body: { outcome: 'verified' } });
  const done = await untilAt(ada, 'done', null);
  expect(done).toMatchObject({ allowed: {}, expiresAt: null, sms: { evidence: 'code' } });
  expect(await enter(ada, 'sms')).toMatchObject({ status: 200, body: { outcome: 'verified' } });
  const { body } = await gateway.call('GET', path(ada, '/timeline'));
  expect(body.items[0]).toEqual({ at: expect.any(String), what: 'Started', by: null, reason: null });
});

it('starts once, and names another account type', async () => {
  const bo = await started('bo', '', 'business');
  const again = await gateway.call('POST', path(bo), { body: { accountType: 'business' } });
  expect(again).toMatchObject({ status: 200, body: { userId: bo, accountType: 'business' } });
  const other = await gateway.call('POST', path(bo), { body: { accountType: 'individual' } });
  expect(other).toMatchObject({ status: 409, body: { code: 'account_type_differs' } });
});

it('names the channel for which it refuses what it takes for another', async () => {
  const gil = await started('gil');
  await untilAt(gil, 'emailPending', 'awaitingCode');
  const answer = await gateway.call('POST', path(gil, '/code'), { body: { channel: 'sms', code: '482915' } });
  const detail = 'submitCode is not allowed in emailPending.awaitingCode for sms';
  expect(answer).toMatchObject({ status: 409, body: { detail, allowed: { submitCode: { channel: 'email' } } } });
  const paused = { as: 'operator', body: { reason: 'a look' } } as const;
  expect(await gateway.call('POST', path(gil, '/pause'), paused)).toMatchObject({ status: 202 });
  expect(await enter(gil, 'email')).toMatchObject({ body: { detail: expect.stringMatching(/paused$/) } });
});

it('rejects a wrong code, and returns the same result for the same key', async () => {
  const cy = await started('cy');
  await untilAt(cy, 'emailPending', 'awaitingCode');
  const code = (await newestCode(gateway.stack, cy, 'email')) === '0000' ? '1111' : '0000';
  const submit = (body: object) =>
    gateway.call('POST', path(cy, '/code'), { body, headers: { 'idempotency-key': 'form-1' } });
  const first = await submit({ channel: 'email', code });
  expect(first).toMatchObject({ status: 200, body: { outcome: 'incorrect', status: { email: { guessesLeft: 4 } } } });
  expect(await submit({ channel: 'email', code })).toMatchObject({ status: 200, body: { outcome: 'incorrect' } });
  expect((await gateway.call('GET', path(cy))).body.email.guessesLeft).toBe(4);
  expect(await submit({ channel: 'email', code: '2222' })).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
});

it('reports that a code was not checked, and how many attempts are left', async () => {
  const di = await started('di');
  await untilAt(di, 'emailPending', 'awaitingCode');
  const code = await newestCode(gateway.stack, di, 'email');
  gateway.stack.sfox.outage(true);
  try {
    const answer = await gateway.call('POST', path(di, '/code'), { body: { channel: 'email', code } });
    expect(answer).toMatchObject({ status: 503, body: { code: 'provider_unavailable', guessesLeft: 4 } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    gateway.stack.sfox.outage(false);
  }
  expect(await untilAt(di, 'emailPending', 'awaitingCode')).toMatchObject({ email: { guessesLeft: 4 } });
  expect(await enter(di, 'email')).toMatchObject({ status: 200, body: { outcome: 'verified' } });
});

describe('roles', () => {
  it('see what they may do', async () => {
    const eve = await started('eve');
    await untilAt(eve, 'emailPending', 'awaitingCode');
    const allowed = async (as: 'app' | 'viewer' | 'operator') =>
      Object.keys((await gateway.call('GET', path(eve), { as })).body.allowed);
    expect(await allowed('app')).toEqual(['submitCode', 'resend', 'recheck']);
    expect(await allowed('viewer')).toEqual([]);
    expect(await allowed('operator')).toEqual(['resend', 'recheck', 'pause', 'cancel', 'override']);
  });

  it.each([
    ['POST', '', 'viewer', { accountType: 'individual' }],
    ['POST', '/code', 'operator', { channel: 'email', code: '123456' }],
    ['POST', '/resend', 'viewer', {}],
    ['POST', '/retry', 'app', { reason: 'x' }],
    ['POST', '/pause', 'app', { reason: 'x' }],
    ['POST', '/resume', 'viewer', { reason: 'x' }],
    ['POST', '/cancel', 'app', { reason: 'x' }],
    ['POST', '/override', 'app', { channel: 'email', reason: 'x' }],
  ] as const)('cannot call %s %s as %s', async (method, rest, as, body) => {
    const answer = await gateway.call(method, path('ada', rest), { as, body });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden', detail: expect.stringContaining(as) } });
  });

  it('are rejected without a token, or with an unknown one', async () => {
    const none = await gateway.call('GET', path('ada'), { as: null });
    expect(none).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    const wrong = await gateway.call('GET', path('ada'), { as: null, headers: { authorization: 'Bearer unknown' } });
    expect(wrong.status).toBe(401);
  });

  it('of an app do not learn which operator acted, and why', async () => {
    const flo = await started('flo');
    await untilAt(flo, 'emailPending', 'awaitingCode');
    const reason = 'the user called at night';
    const paused = await gateway.call('POST', path(flo, '/pause'), { as: 'operator', body: { reason } });
    expect(paused).toMatchObject({ status: 202, body: { step: 'paused' } });
    const seen = async (as: 'app' | 'viewer') =>
      (await gateway.call('GET', path(flo, '/timeline'), { as })).body.items.find(
        ({ what }: { what: string }) => what === 'Paused',
      );
    expect(await seen('viewer')).toMatchObject({ by: 'operator operator-name', reason });
    expect(await seen('app')).toMatchObject({ by: null, reason: null });
    const refused = await gateway.call('POST', path(flo, '/resend'), { body: {} });
    expect(refused).toMatchObject({ status: 409, body: { code: 'invalid_state', step: 'paused', allowed: {} } });
    const { body } = await gateway.call('POST', path(flo, '/resume'), { as: 'operator', body: { reason } });
    expect(body.step).toBe('awaitingCode');
    const isIt = (line: string) =>
      line.includes('"audit":"pause"') && line.includes('"phase":"outcome"') && line.includes(flo);
    const entry = JSON.parse(await waitUntil(() => gateway.logged.find(isIt), 'it is in the audit log'));
    expect(entry).toMatchObject({ by: { role: 'operator', name: 'operator-name' }, subject: flo, reason, status: 202 });
  });
});

it('restarts a cancelled journey only for an operator', async () => {
  const gus = await started('gus');
  await untilAt(gus, 'emailPending', 'awaitingCode');
  const reason = 'a mistake';
  const cancelled = await gateway.call('POST', path(gus, '/cancel'), { as: 'operator', body: { reason } });
  expect(cancelled).toMatchObject({ status: 202, body: { state: 'cancelled' } });
  expect(await gateway.call('POST', path(gus, '/restart'), { body: { reason } })).toMatchObject({ status: 409 });
  const headers = { 'idempotency-key': 'once' };
  const restart = (why: string, more: object = { headers }) =>
    gateway.call('POST', path(gus, '/restart'), { as: 'operator', body: { reason: why }, ...more });
  expect(await restart(reason)).toMatchObject({ status: 201, body: { userId: gus, state: 'emailPending' } });
  expect(await restart(reason)).toMatchObject({ status: 201, body: { userId: gus } });
  expect(await restart('another')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  expect(await restart(reason, {})).toMatchObject({ status: 409, body: { code: 'invalid_state' } });
  const { items } = (await gateway.call('GET', path(gus, '/timeline'))).body;
  expect(items.filter(({ what }: { what: string }) => what === 'Restarted')).toHaveLength(1);
});

it('supersedes a journey, with both user ids in the audit log', async () => {
  const [hal, ivy] = [await started('hal'), await started('ivy')];
  const supersede = (newUserId: string, more: object = {}) =>
    gateway.call('POST', path(hal, '/supersede'), { body: { newUserId, reason: 'moved', ...more } });
  expect(await supersede(ivy)).toMatchObject({ status: 409, body: { code: 'journey_exists' } });
  expect(await supersede(hal)).toMatchObject({ status: 400, body: { field: 'newUserId' } });
  expect(await supersede('no@example.com')).toMatchObject({ status: 400, body: { field: 'newUserId' } });
  expect(await supersede(`${hal}-2`, { channel: 'sms' })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await supersede(`${hal}-2`)).toMatchObject({
    status: 201,
    body: { userId: `${hal}-2`, supersedes: hal, supersededBy: null },
  });
  const restarted = await gateway.call('POST', path(hal, '/restart'), { as: 'operator', body: { reason: 'back' } });
  expect(restarted).toMatchObject({ status: 409, body: { code: 'invalid_state', state: 'cancelled' } });
  const isIt = (line: string) =>
    line.includes('"audit":"supersede"') && line.includes('"phase":"intent"') && line.includes(`"${hal}-2"`);
  const entry = JSON.parse(await waitUntil(() => gateway.logged.find(isIt), 'it is in the audit log'));
  expect(entry).toMatchObject({ subject: hal, reason: 'moved', parameters: { newUserId: `${hal}-2` } });
});

it('returns the same response for every unknown user, on every route', async () => {
  const unknownUser = uniqueUserId('unknown');
  const known = { status: 404, body: { code: 'not_found' } };
  expect(await gateway.call('GET', path(unknownUser))).toMatchObject(known);
  expect(await gateway.call('GET', path(unknownUser, '/timeline'))).toMatchObject(known);
  expect(await gateway.call('POST', path(unknownUser, '/resend'))).toMatchObject(known);
  expect(
    await gateway.call('POST', path(unknownUser, '/code'), { body: { channel: 'sms', code: '1234' } }),
  ).toMatchObject(known);
});

describe('waiting for a change', () => {
  it('answers once there is one', async () => {
    const hal = await started('hal');
    const { revision } = await untilAt(hal, 'emailPending', 'awaitingCode');
    const waiting = gateway.call('GET', path(hal, `?after=${revision}&wait=20`));
    const others = [1, 2, 3].map(() => gateway.call('GET', path(hal, `?after=${revision}&wait=20`)));
    await waitUntil(() => gateway.stack.onward.subscriptions.size === 1, 'they share one watch');
    await gateway.call('POST', path(hal, '/pause'), { as: 'operator', body: { reason: 'x' } });
    for (const answer of await Promise.all([waiting, ...others])) {
      expect(answer.body).toMatchObject({ step: 'paused', revision: revision + 1 });
    }
    await waitUntil(() => gateway.stack.onward.subscriptions.size === 0, 'no subscription is left');
  });

  it('answers with the same revision when nothing came', async () => {
    const ina = await started('ina');
    const { revision } = await untilAt(ina, 'emailPending', 'awaitingCode');
    const { status, body } = await gateway.call('GET', path(ina, `?after=${revision}&wait=1`));
    expect([status, body.revision]).toEqual([200, revision]);
  });

  it('streams every change as an event until the final state, and resumes', async () => {
    const joe = await started('joe', '', 'business');
    await untilAt(joe, 'emailPending', 'awaitingCode');
    const events = readEvents(joe);
    await waitUntil(() => gateway.stack.onward.subscriptions.size > 0, 'a subscriber waits');
    await enter(joe, 'email');
    const received = await events;
    expect(received.at(-1)).toMatchObject({ event: 'status', data: { state: 'done' } });
    const ids = received.map(({ id }) => Number(id));
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect(await readEvents(joe, String(ids.at(-1)))).toEqual([]);
  });
});

async function readEvents(id: string, from?: string) {
  const response = await fetch(`${gateway.url}${path(id)}`, {
    headers: {
      authorization: 'Bearer app-token-of-the-tests',
      accept: 'text/event-stream',
      ...(from !== undefined && { 'last-event-id': from }),
    },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id:'))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
    });
}

it('lists and counts for viewers', async () => {
  const kim = await started('kim');
  await waitUntil(async () => {
    const { body } = await gateway.call('GET', `/v1/journeys?userId=${kim}`, { as: 'viewer' });
    return body.items.length === 1 && body.items[0].userId === kim && body.next === null;
  }, 'it is listed');
  const { body } = await gateway.call('GET', '/v1/journeys/summary', { as: 'operator' });
  expect(Object.keys(body.reasons)).toContain('sendLimit');
});

it('does not keep a caller waiting for a send that is tried again and again', async () => {
  const patient = await startGateway({ policy: { ...quickPolicy, retrySendFor: 120_000 } });
  try {
    const lea = uniqueUserId('lea', '.rate-limited-silent');
    await patient.call('POST', path(lea), { body: { accountType: 'individual' } });
    const answer = await patient.call('POST', path(lea, '/code'), { body: { channel: 'email', code: '123456' } });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'invalid_state', state: 'emailPending', step: 'sending' },
    });
  } finally {
    await patient.close();
  }
});

it('reports when a resend is allowed, and limits the rate of a token', async () => {
  const strict = await startGateway({ policy: defaultPolicy }, { rate: { calls: 8, within: 60_000 } });
  try {
    const max = uniqueUserId('max');
    await strict.call('POST', path(max), { body: { accountType: 'individual' } });
    await untilThere({ onward: strict.stack.onward }, max, 'emailPending.awaitingCode');
    const early = await strict.call('POST', path(max, '/resend'));
    expect(early).toMatchObject({ status: 429, body: { code: 'cooling_down', retryAt: expect.any(String) } });
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(20);
    const answers = [];
    for (let n = 0; n < 8; n += 1) answers.push(await strict.call('GET', path(max)));
    const over = answers.filter(({ status }) => status === 429);
    expect(over.length).toBeGreaterThan(0);
    expect(over[0]).toMatchObject({ body: { code: 'too_many_requests' } });
    expect(Number(over[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await strict.call('GET', path(max), { as: 'viewer' })).toMatchObject({ status: 200 });
    expect(await strict.deliver({ type: 'other' })).toMatchObject({ status: 202 });
  } finally {
    await strict.close();
  }
});
