import { connect as connectSocket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect } from '../../../client/temporal/connect.ts';
import { OnwardClient } from '../../../client/http-client/index.ts';
import type { Status } from '../../../client/http-client/index.ts';
import { Onward } from '../../../client/onward.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { waitUntil, keys, quickPolicy, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let server: TemporalServer;
let gateway: Gateway;
let client: OnwardClient;
beforeAll(async () => {
  // The counts of `/v1/dashboard` are the whole namespace's.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
  client = new OnwardClient({ url: gateway.url, token: bearers.app });
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
});

const path = (id: string) => `/v1/users/${id}/onboarding`;
const start = (id: string) => gateway.stack.onward.start(id, { accountType: 'individual' });

/** Collects the statuses of a stream until it ends. */
function follow(id: string) {
  const statuses: Status[] = [];
  const over = new AbortController();
  const ended = (async () => {
    for await (const status of client.watch(id, { signal: over.signal })) statuses.push(status);
  })().catch(() => {});
  return { statuses, end: () => (over.abort(), ended) };
}

it('sends readers that arrived while no worker ran the live status once one runs', async () => {
  const ada = uniqueUserId('ada');
  await start(ada);
  const { revision } = await waitForPosition(gateway.stack, ada, 'emailPending.awaitingCode');
  await gateway.stack.stopWorkers();
  const [first, second] = [follow(ada), follow(ada)];
  const waiting = client.waitFor(ada, { after: (revision ?? 0) - 1, wait: 60 });
  await waitUntil(() => first.statuses.length > 0 && second.statuses.length > 0, 'both streams have begun');
  expect(first.statuses).toMatchObject([{ live: false, allowed: null }]);
  // No duplicates while nothing is new.
  await pause(3_000);
  expect(first.statuses).toHaveLength(1);
  await gateway.stack.startWorker();
  for (const { statuses } of [first, second]) {
    await waitUntil(() => statuses.at(-1)?.live === true, 'the stream sends the live status', 20_000);
    expect(statuses.at(-1)).toMatchObject({ revision, allowed: { submitCode: { channel: 'email' } } });
  }
  expect(await waiting).toMatchObject({ live: true, revision });
  await Promise.all([first.end(), second.end()]);
  await waitUntil(() => gateway.stack.onward.subscriptions.size === 0, 'no user is subscribed to any more');
});

it('leaves no stream outdated of those that begin together with the journey', async () => {
  const users = Array.from({ length: 8 }, (_, nth) => uniqueUserId(`pair${nth}`));
  for (const id of users) {
    await start(id);
    const streams = [follow(id), follow(id), follow(id)];
    for (const { statuses } of streams) {
      const isCurrent = () => statuses.at(-1)?.live === true && statuses.at(-1)?.step === 'awaitingCode';
      await waitUntil(isCurrent, 'the stream says that a code is awaited', 30_000);
      const revisions = statuses.flatMap((status) => status.revision ?? []);
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
    }
    await Promise.all(streams.map(({ end }) => end()));
  }
});

it('answers readers of one user at two gateways at once, both from the journey', async () => {
  const { stack } = gateway;
  const own = await connect({ connectionOptions: { address: server.address } }, keys);
  const other = new Onward({ client: own, taskQueue: stack.taskQueue, policy: quickPolicy });
  try {
    // The first workflow task is running then, and the server buffers one query until it completes. Without a remedy one of
    // each four is live; on a busy machine a query of one reader alone may time out.
    const rounds = await Promise.all(
      Array.from({ length: 5 }, async (_, nth) => {
        await pause(nth * 1_000);
        const id = uniqueUserId(`both${nth}`);
        await start(id);
        const read = await Promise.all([stack.onward, other, stack.onward, other].map((each) => each.status(id)));
        return read.filter(({ live }) => live).length;
      }),
    );
    expect(Math.max(...rounds)).toBe(4);
  } finally {
    await own.connection.close();
  }
});

it('answers HEAD of every address at once, and holds no stream open for it', async () => {
  const bo = uniqueUserId('bo');
  await start(bo);
  const { revision } = await waitForPosition(gateway.stack, bo, 'emailPending.awaitingCode');
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, object>>;
  };
  const readable = Object.entries(document.paths).filter(([, methods]) => 'get' in methods);
  const paths = readable.map(([template]) => template.replace('/v1/users/{id}', `/v1/users/${bo}`));
  const addresses = [...paths, `${path(bo)}?after=${revision}&wait=60`, '/console/', '/console/session'];
  const heads = new Map<string, string>();
  for (const address of addresses) {
    for (const accept of ['application/json', 'text/event-stream']) {
      // On a busy machine Temporal may be too slow for the first answer.
      const response = await waitUntil(async () => {
        const head = await fetch(`${gateway.url}${address}`, {
          method: 'HEAD',
          headers: { accept, authorization: `Bearer ${bearers.operator}` },
          signal: AbortSignal.timeout(15_000),
        });
        return head.status < 500 && head;
      }, `HEAD ${address} is answered`);
      expect(await response.text()).toBe('');
      heads.set(`${address} ${accept}`, `${response.status} ${response.headers.get('content-type')}`);
    }
  }
  for (const stream of [path(bo), `${path(bo)}?after=${revision}&wait=60`, '/v1/dashboard']) {
    expect([stream, heads.get(`${stream} text/event-stream`)]).toEqual([stream, '200 text/event-stream']);
  }
  expect(gateway.stack.onward.subscriptions.size).toBe(0);
});

it('watches no user for long-polls whose callers left within milliseconds', async () => {
  const cy = uniqueUserId('cy');
  await start(cy);
  const { revision } = await waitForPosition(gateway.stack, cy, 'emailPending.awaitingCode');
  const { hostname, port } = new URL(gateway.url);
  for (let wait = 0; wait < 12; wait += 1) {
    const socket = connectSocket(Number(port), hostname);
    await new Promise((connected) => socket.once('connect', connected));
    const lines = [
      `GET ${path(cy)}?after=${revision}&wait=60 HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${bearers.app}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await pause(wait / 2);
    socket.destroy();
  }
  await pause(2_500);
  expect(gateway.stack.onward.subscriptions.size).toBe(0);
});
