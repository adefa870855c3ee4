import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OnwardClient, Problem } from '../../../client/http-client/index.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A client of an address where something else than the gateway listens. */
async function clientOf(respond: RequestListener): Promise<OnwardClient> {
  const server = createServer(respond);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return new OnwardClient({ url: `http://127.0.0.1:${port}`, token: 'secret-token' });
}

/** Every call that the client has, each once. */
function callsOf(client: OnwardClient, signal?: AbortSignal): { readonly [name: string]: () => Promise<unknown> } {
  const reason = { reason: 'x' };
  const options = { signal, idempotencyKey: 'k-1' };
  return {
    start: () => client.start('ada', { accountType: 'individual' }, options),
    restart: () => client.restart('ada', reason, options),
    supersede: () => client.supersede('ada', { newUserId: 'ada-2', ...reason }, options),
    status: () => client.status('ada', options),
    waitFor: () => client.waitFor('ada', { after: 1, ...options }),
    watch: () => client.watch('ada', options).next(),
    timeline: () => client.timeline('ada', options),
    export: () => client.export('ada', { at: 2, ...options }),
    receipt: () => client.receipt('ada', options),
    receiptKeys: () => client.receiptKeys(options),
    preview: () => client.preview('ada', { command: 'retry' }, options),
    submitCode: () => client.submitCode('ada', { channel: 'email', code: '1234' }, options),
    resend: () => client.resend('ada', {}, options),
    visit: () => client.visit('ada', {}, options),
    recheck: () => client.recheck('ada', {}, options),
    retry: () => client.retry('ada', reason, options),
    pause: () => client.pause('ada', reason, options),
    resume: () => client.resume('ada', reason, options),
    cancel: () => client.cancel('ada', reason, options),
    override: () => client.override('ada', { channel: 'email', ...reason }, options),
    erase: () => client.erase('ada', reason, options),
    list: () => client.list({}, options),
    listCsv: () => readAll(client.listCsv({}, options)),
    count: () => client.count({}, options),
    dashboard: () => client.dashboard(options),
    statistics: () => client.statistics({}, options),
    summary: () => client.summary(options),
    startOperation: () =>
      client.startOperation(
        { command: 'retry', filter: { step: 'stalled' }, expected: 1, dryRun: true, ...reason },
        options,
      ),
    operations: () => client.operations({}, options),
    operation: () => client.operation('id', {}, options),
    approveOperation: () => client.approveOperation('id', { digest: 'x', ...reason }, options),
    rejectOperation: () => client.rejectOperation('id', { digest: 'x', ...reason }, options),
    stopOperation: () => client.stopOperation('id', reason, options),
    startReconciliation: () => client.startReconciliation({ dryRun: true, ...reason }, options),
    reconciliations: () => client.reconciliations({}, options),
    reconciliation: () => client.reconciliation('id', {}, options),
    stopReconciliation: () => client.stopReconciliation('id', reason, options),
    startWhatIf: () => client.startWhatIf({ policy: {} }, options),
    whatIfs: () => client.whatIfs({}, options),
    whatIf: () => client.whatIf('id', {}, options),
    stopWhatIf: () => client.stopWhatIf('id', options),
    recovery: () => client.recovery(options),
    pauseRecovery: () => client.pauseRecovery(reason, options),
    resumeRecovery: () => client.resumeRecovery(reason, options),
    triggerRecovery: () => client.triggerRecovery(reason, options),
    webhooks: () => client.webhooks({}, options),
    resendWebhook: () => client.resendWebhook('id', options),
    resendWebhooks: () => client.resendWebhooks({ filter: { state: 'givenUp' }, ...reason }, options),
    acts: () => client.acts({}, options),
    actsCsv: () => readAll(client.actsCsv({}, options)),
    notes: () => client.notes('ada', {}, options),
    addNote: () => client.addNote('ada', { text: 'x' }, options),
    removeNote: () => client.removeNote('ada', 'id', options),
    shiftNotes: () => client.shiftNotes({}, options),
    addShiftNote: () => client.addShiftNote({ text: 'x' }, options),
    removeShiftNote: () => client.removeShiftNote('id', options),
    metrics: () => client.metrics(options),
    send: () => client.send('retry', 'ada', reason, options),
  };
}

async function readAll(pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) expect(typeof piece).toBe('string');
}

const problemOf = (call: () => Promise<unknown>): Promise<unknown> =>
  call().then(
    () => 'no error',
    (error: unknown) => (error instanceof Problem ? { code: error.code, status: error.status } : error),
  );

/** The error of each call, by the name of the call. */
async function problemsOf(client: OnwardClient): Promise<object> {
  const calls = Object.entries(callsOf(client));
  return Object.fromEntries(await Promise.all(calls.map(async ([name, call]) => [name, await problemOf(call)])));
}

const ofEveryCall = (problem: object) => {
  const client = new OnwardClient({ url: 'http://127.0.0.1:9', token: 'x' });
  return Object.fromEntries(Object.keys(callsOf(client)).map((name) => [name, problem]));
};

const json = (response: ServerResponse, text: string) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);

it('knows every call of the client', () => {
  const names = Object.keys(callsOf(new OnwardClient({ url: 'http://127.0.0.1:9', token: 'x' })));
  const methods = Object.getOwnPropertyNames(OnwardClient.prototype).filter((name) => name !== 'constructor');
  expect(names.toSorted()).toEqual(methods.toSorted());
});

describe('every call throws `unexpected_response`', () => {
  it.each<[string, number, RequestListener]>([
    ['to a page of HTML', 200, (_, response) => response.setHeader('content-type', 'text/html').end('<html></html>')],
    ['to HTML that calls itself JSON', 200, (_, response) => json(response, '<html></html>')],
    ['to an empty body', 200, (_, response) => response.end()],
    ['to a response without a body', 204, (_, response) => response.writeHead(204).end()],
    ['to JSON that is cut off', 200, (_, response) => json(response, '{"userId":"ada","st')],
    ['to `null`', 200, (_, response) => json(response, 'null')],
    ['to another service’s JSON', 200, (_, response) => json(response, '{"ok":true}')],
    ['to a list', 200, (_, response) => json(response, '[]')],
    ['to a page of an error', 502, (_, response) => response.writeHead(502).end('<html>bad gateway</html>')],
    [
      'to another service’s problem',
      404,
      (_, response) => response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"title":"x"}'),
    ],
    [
      'to a redirect to a login page',
      200,
      ({ url }, response) =>
        url === '/login' ? response.end('<html>') : response.writeHead(303, { location: '/login' }).end(),
    ],
  ])('%s', async (_, status, respond) => {
    const problems = await problemsOf(await clientOf(respond));
    expect(problems).toEqual(ofEveryCall({ code: 'unexpected_response', status }));
  });
});

describe('every call throws `unreachable`', () => {
  it.each<[string, RequestListener]>([
    ['where the connection is closed without a response', (request) => request.socket.destroy()],
    [
      'where the connection breaks in the middle of the body',
      (_, response) => {
        const { accept = '' } = response.req.headers;
        const type = ['text/event-stream', 'text/plain', 'text/csv'].includes(accept) ? accept : 'application/json';
        response.writeHead(200, { 'content-type': type, 'content-length': '1000' }).write('{"userId":');
        setTimeout(() => response.socket?.resetAndDestroy(), 50);
      },
    ],
    ['where it redirects for ever', (_, response) => response.writeHead(303, { location: '/again' }).end()],
  ])('%s', async (_, respond) => {
    const problems = await problemsOf(await clientOf(respond));
    expect(problems).toEqual(ofEveryCall({ code: 'unreachable', status: 0 }));
  });

  it.each(['http://127.0.0.1:9', 'nonsense', 'ftp://127.0.0.1', 'http://user:pass-word@127.0.0.1:9'])(
    'where %s is the address',
    async (url) => {
      const client = new OnwardClient({ url, token: 'x' });
      expect(await problemsOf(client)).toEqual(ofEveryCall({ code: 'unreachable', status: 0 }));
      await expect(client.summary()).rejects.toThrow(/^(?!.*pass-word)/);
    },
  );
});

it('throws the caller’s own abort, and not a problem', async () => {
  const client = await clientOf(() => {});
  const gone = AbortSignal.abort(new Error('the page was closed'));
  for (const call of Object.values(callsOf(client, gone))) await expect(call()).rejects.toThrow('the page was closed');
});

it.each([
  ['token', { token: 'secret\nline' }, {}],
  ['idempotencyKey', { token: 'x' }, { idempotencyKey: 'schlüssel-🔑' }],
])('rejects a %s that no header can contain, and does not repeat its value', async (field, { token }, options) => {
  const client = new OnwardClient({ url: 'http://127.0.0.1:9', token });
  const error: unknown = await client.cancel('ada', { reason: 'x' }, options).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'bad_request', field });
  expect(JSON.stringify([String(error), (error as Problem).cause])).not.toMatch(/secret|schl/);
});

it.each(['', '.', '..', '\uD800'])('rejects the id %j of an operation or webhook without a request', async (id) => {
  const client = new OnwardClient({ url: 'http://127.0.0.1:9', token: 'x' });
  const calls = [client.operation(id), client.stopOperation(id, { reason: 'x' }), client.resendWebhook(id)];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'bad_request', field: 'id' });
});

it.each([
  ['7', 7],
  [new Date(Date.now() + 3_600_000).toUTCString(), expect.closeTo(3_570, -2)],
  ['soon', null],
  ['', null],
  ['-3', null],
])('takes `Retry-After: %s` as so many seconds, or as none', async (text, retryAfter) => {
  const client = await clientOf((_, response) => response.writeHead(503, { 'retry-after': text }).end());
  await expect(client.summary()).rejects.toMatchObject({ retryAfter });
});

describe('watch', () => {
  const status = (revision: number, state = 'emailPending') =>
    `id: ${revision}\nevent: status\ndata: ${JSON.stringify({ userId: 'ada', state, revision })}\n\n`;
  const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

  /** Responds to each connection in turn, and to all later ones as to the last. */
  const inTurn = (...responses: RequestListener[]): RequestListener => {
    let turn = 0;
    return (request, response) => responses[Math.min(turn++, responses.length - 1)]?.(request, response);
  };

  async function watched(client: OnwardClient): Promise<{ readonly seen: number[]; readonly error: unknown }> {
    const seen: number[] = [];
    try {
      for await (const { revision } of client.watch('ada')) seen.push(revision ?? -1);
      return { seen, error: null };
    } catch (error) {
      return { seen, error };
    }
  }

  it.each<[string, RequestListener]>([
    ['a page of HTML', (_, response) => response.setHeader('content-type', 'text/html').end('<html>')],
    ['a status of JSON instead of a stream', (_, response) => json(response, '{"userId":"ada","state":"done"}')],
    ['an event that is not JSON', (_, response) => stream(response).end('data: <html>\n\n')],
    ['an event that is not a status', (_, response) => stream(response).end('data: {"ok":true}\n\n')],
    ['an event without an end', (_, response) => stream(response).end(`data: ${'x'.repeat(1_100_000)}`)],
  ])('gives up when it gets %s after a status', async (_, respond) => {
    const client = await clientOf(inTurn((__, response) => stream(response).end(status(1)), respond));
    expect(await watched(client)).toMatchObject({ seen: [1], error: { code: 'unexpected_response' } });
  });

  it('gives up when a stream ends before its first status', async () => {
    const client = await clientOf((_, response) => stream(response).end(': still here\n\n'));
    expect(await watched(client)).toMatchObject({ seen: [], error: { code: 'unexpected_response' } });
  });

  it('reconnects after an outage and a 502, and resumes where it was', async () => {
    const from: (string | undefined)[] = [];
    const client = await clientOf(
      inTurn(
        (_, response) => stream(response).end(status(1)),
        (request) => request.socket.destroy(),
        (_, response) => response.writeHead(502).end('bad gateway'),
        (request, response) => {
          from.push(request.headers['last-event-id'] as string | undefined);
          stream(response).end(status(2, 'done'));
        },
      ),
    );
    expect(await watched(client)).toEqual({ seen: [1, 2], error: null });
    expect(from).toEqual(['1']);
  });

  it('resumes from the id of an event whose carriage return and line feed come in two chunks', async () => {
    const from: (string | undefined)[] = [];
    const client = await clientOf(
      inTurn(
        (_, response) => {
          const text = status(41).replaceAll('\n', '\r\n');
          const cut = text.indexOf('\r') + 1;
          stream(response).write(text.slice(0, cut));
          setTimeout(() => response.end(text.slice(cut)), 100);
        },
        (request, response) => {
          from.push(request.headers['last-event-id'] as string | undefined);
          stream(response).end(status(42, 'done'));
        },
      ),
    );
    expect(await watched(client)).toEqual({ seen: [41, 42], error: null });
    expect(from).toEqual(['41']);
  });
});
