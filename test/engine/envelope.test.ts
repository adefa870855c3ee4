import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import {
  engineActivities,
  objectOf,
  parseNumber,
  parseText,
  UnreadableValue,
} from '../../workflows/engine/activity.ts';
import { createCommand, openEnd, openRefusal, openReply } from '../../workflows/engine/client.ts';
import { checkAge, open, RequestGate, REQUEST_LIFETIME_MS, seal } from '../../workflows/engine/core/envelope.ts';

const NOW = 1_800_000_000_000;

describe('an envelope', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'ACTIVITY_ID_NOT_STARTED'],
    ['bytes', new Uint8Array([1])],
    ['a body without an envelope', { by: 'operator' }],
    ['an envelope without an id', { type: 'update:override', id: '', at: NOW, body: null }],
    ['an envelope without a time', { type: 'update:override', id: 'a', at: Number.NaN, body: null }],
  ])('is not %s', (_, payload) => {
    expect(() => open(payload, 'update:override')).toThrow('notAuthentic');
  });

  it('of another type or name is refused', () => {
    for (const type of [
      'update:submitCode',
      'start:override',
      'signal:override',
      'answer:override',
      'update:override2',
    ] as const) {
      expect(() => open(seal(type, 'a', NOW, null), 'update:override')).toThrow('wrongType');
    }
  });

  it('that answers another request is refused', () => {
    expect(() => open(seal('result:send', 'a', NOW, null), 'result:send', 'b')).toThrow('wrongRequest');
  });

  it('is refused if it is more than five minutes old or ahead', () => {
    const at = (time: number) => () => checkAge(seal('start:x', 'a', time, null), NOW);
    expect(at(NOW - REQUEST_LIFETIME_MS)).not.toThrow();
    expect(at(NOW - REQUEST_LIFETIME_MS - 1)).toThrow('expired');
    expect(at(NOW + REQUEST_LIFETIME_MS + 1)).toThrow('fromFuture');
  });
});

describe('a gate', () => {
  const request = (id: string, at = NOW) => seal('update:pause', id, at, null);
  const createGate = () => new RequestGate({ notBefore: NOW - 60_000, seen: {} });

  it('admits a request once, and can check it before without an effect', () => {
    const gate = createGate();
    gate.check(request('a'), 'update:pause', NOW);
    gate.admit(request('a'), 'update:pause', NOW);
    expect(() => gate.check(request('a'), 'update:pause', NOW)).toThrow('repeated');
    expect(() => gate.admit(request('a'), 'update:pause', NOW)).toThrow('repeated');
  });

  it('refuses what is older than the workflow', () => {
    expect(() => createGate().check(request('a', NOW - 60_001), 'update:pause', NOW)).toThrow('predatesWorkflow');
  });

  it('remembers a request across continue-as-new until the request has expired', () => {
    const gate = createGate();
    gate.admit(request('a'), 'update:pause', NOW);
    const later = NOW + REQUEST_LIFETIME_MS;
    const next = new RequestGate(JSON.parse(JSON.stringify(gate.store(later))) as ReturnType<RequestGate['store']>);
    expect(() => next.check(request('a'), 'update:pause', later)).toThrow('repeated');
    expect(next.store(later + 1).seen).toEqual({});
    expect(() => next.check(request('a'), 'update:pause', later + 1)).toThrow('expired');
  });

  it('is bounded: it refuses a request that it has forgotten by the time of the request', () => {
    const gate = createGate();
    for (let nth = 0; nth <= 5_000; nth += 1) gate.admit(request(`r${nth}`, NOW + nth), 'update:pause', NOW);
    expect(Object.keys(gate.store(NOW).seen)).toHaveLength(5_000);
    expect(() => gate.check(request('r0', NOW), 'update:pause', NOW)).toThrow('predatesWorkflow');
  });
});

describe('a client', () => {
  const command = createCommand('pause', { reason: 'x' }, { key: 'k', fingerprint: 'f' });
  const reply = (id: string, key: string | null) =>
    seal('reply:pause', id, NOW, { key, fingerprint: 'f', requestId: id, result: 1 });

  it('accepts the reply to its own command, or to a command with the same idempotency key', () => {
    expect(openReply(reply(command.id, null), 'pause', command)).toMatchObject({ result: 1 });
    expect(openReply(reply('other', 'k'), 'pause', command)).toMatchObject({ result: 1 });
    expect(() => openReply(reply('other', 'l'), 'pause', command)).toThrow('wrongRequest');
    expect(() => openReply(reply('other', null), 'pause', createCommand('pause', {}))).toThrow('wrongRequest');
  });

  it('accepts no refusal that the workflow has not sealed', () => {
    expect(openRefusal(['NotAllowed'], 'pause')).toBeUndefined();
    expect(openRefusal(undefined, 'pause')).toBeUndefined();
    const refusal = { key: null, fingerprint: 'f', requestId: 'a', type: 'NotAllowed', message: 'no', details: null };
    expect(openRefusal([seal('refusal:pause', 'a', NOW, refusal)], 'pause')).toEqual(refusal);
  });

  it('names what it cannot read in a reply, and takes no refusal that it cannot read', () => {
    const unreadable = seal('reply:pause', command.id, NOW, { key: null, requestId: 'a', result: 1 });
    expect(() => openReply(unreadable, 'pause', command)).toThrow('`reply.fingerprint` must be a string');
    expect(openRefusal([seal('refusal:pause', 'a', NOW, { type: 'NotAllowed' })], 'pause')).toBeUndefined();
    const end = seal('end:pause', 'a', NOW, { run: 'run-1', result: 'done' });
    expect(() => openEnd(end, 'pause', 'run-1')).toThrow('`end.runId` must be a string');
  });

  it('accepts an end only of this run', () => {
    const end = seal('end:createRequest', 'a', NOW, { runId: 'run-1', result: 'done' });
    expect(openEnd(end, 'createRequest', 'run-1')).toBe('done');
    expect(() => openEnd(end, 'createRequest', 'run-2')).toThrow('wrongContext');
    expect(() => openEnd('done', 'createRequest', 'run-1')).toThrow('notAuthentic');
  });
});

describe('an activity', () => {
  const scope = { workflowId: 'w', runId: 'r', workflowType: 'createRequest', activityType: 'charge' };
  const info = {
    workflowExecution: { workflowId: 'w', runId: 'r' },
    workflowType: 'createRequest',
    activityType: 'charge',
  };
  const { charge } = engineActivities(
    {
      charge: async ({ amount }: { readonly amount: number }) => {
        if (amount < 0) throw ApplicationFailure.nonRetryable('no such amount', 'BadAmount', amount);
        return amount * 2;
      },
    },
    { charge: objectOf({ amount: parseNumber }) },
    () => info,
  );
  const createRequest = (changes: object = {}, amount: unknown = 2) =>
    seal('activity:charge', 'id-1', NOW, { ...scope, request: { amount }, ...changes });

  it('replies to the request that it received', async () => {
    expect(await charge(createRequest())).toMatchObject({ type: 'result:charge', id: 'id-1', body: 4 });
  });

  it.each([
    ['another workflow', { workflowId: 'v' }],
    ['another run', { runId: 's' }],
    ['another type of workflow', { workflowType: 'refund' }],
    ['another activity', { activityType: 'reserve' }],
  ])('refuses a request of %s without a retry', async (_, changes) => {
    const refused = charge(createRequest(changes));
    await expect(refused).rejects.toMatchObject({ type: 'OrderRefused', nonRetryable: true });
  });

  it('is not carried out if its request cannot be read, and is retried; the failure names the field, and not what it holds', async () => {
    const failure = await charge(createRequest({}, 'a secret')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'RequestUnreadable', nonRetryable: false });
    const message = 'this release cannot read the request: `request.amount` must be a number';
    expect((failure as ApplicationFailure).details).toEqual([
      expect.objectContaining({
        type: 'failure:charge',
        id: 'id-1',
        body: { type: 'RequestUnreadable', message, details: [] },
      }),
    ]);
    expect(JSON.stringify(failure)).not.toContain('a secret');
  });

  it('that meets something else that it cannot read fails as itself', async () => {
    const { read } = engineActivities(
      { read: async (path: string) => parseNumber('a stored text', path) },
      { read: parseText },
      () => ({ ...info, activityType: 'read' }),
    );
    const order = seal('activity:read', 'id-2', NOW, { ...scope, activityType: 'read', request: 'stored' });
    await expect(read(order)).rejects.toEqual(new UnreadableValue('stored', 'a number'));
  });

  it('keeps the fields of its request that only a newer release knows', async () => {
    const { echo } = engineActivities(
      { echo: async (request: { readonly amount: number }) => request },
      { echo: objectOf({ amount: parseNumber }) },
      () => ({ ...info, activityType: 'echo' }),
    );
    const request = { amount: 2, currency: 'EUR' };
    const order = seal('activity:echo', 'id-3', NOW, { ...scope, activityType: 'echo', request });
    expect(await echo(order)).toMatchObject({ body: request });
  });

  it('seals the failure', async () => {
    const failure = await charge(createRequest({}, -1)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'BadAmount', nonRetryable: true });
    const [details] = (failure as ApplicationFailure).details ?? [];
    expect(details).toMatchObject({
      type: 'failure:charge',
      id: 'id-1',
      body: { type: 'BadAmount', message: 'no such amount', details: [-1] },
    });
  });
});
