import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { ActivitySlots } from '../../worker/health/activity-slots.ts';
import { startHealthServer } from '../../worker/health/health-server.ts';
import type { HealthSource } from '../../worker/health/health-server.ts';
import { createHealthSource } from '../../worker/health/readiness.ts';
import { connect as connectClient } from '../../client/temporal/connect.ts';
import { keys, quiet, waitUntil } from '../support/stack.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(source: HealthSource): Promise<{ url: string; port: number }> {
  const server = await startHealthServer('127.0.0.1', 0, source);
  closing.push(() => server.close());
  const { port } = server;
  return { url: `http://127.0.0.1:${port}`, port };
}

it('is not ready while an activity has not returned by its timeout', async () => {
  quiet();
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const connection = await NativeConnection.connect({ address });
  closing.push(() => connection.close());
  const client = await connectClient({ connectionOptions: { address } }, keys);
  closing.push(() => client.connection.close());
  const slots = new ActivitySlots();
  let returnFromActivity = () => {};
  const stuck = new Promise<void>((resolve) => (returnFromActivity = resolve));
  const taskQueue = `stuck-${randomUUID()}`;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('stuck-activity-workflow.js', import.meta.url)),
    activities: { getStuck: () => stuck },
    interceptors: { activity: [slots.watch] },
  });
  const run = worker.run();
  closing.push(async () => {
    returnFromActivity();
    worker.shutdown();
    await run;
  });
  const states = () => [worker.getState()];
  const source = createHealthSource({ states, overdueActivities: () => slots.overdue() }, connection, async () => '');
  const { url } = await serve(source);
  const readiness = async () => (await fetch(`${url}/readyz`)).status;
  await client.workflow.start('stuckActivity', { taskQueue, workflowId: taskQueue });
  await waitUntil(async () => (await readiness()) === 200, 'the worker is ready before the timeout');
  await waitUntil(async () => (await readiness()) === 503, 'the worker is not ready');
  const text = await (await fetch(`${url}/readyz`)).text();
  expect(text).toContain('activities that have not returned by their timeout: 1; restart this worker');
  returnFromActivity();
  await waitUntil(async () => (await readiness()) === 200, 'the worker is ready again');
});

it('computes each response at most once a second for concurrent requests', async () => {
  let computed = 0;
  const { url } = await serve({
    alive: () => true,
    readinessProblems: async () => ((computed += 1), []),
    metrics: async () => ((computed += 1), 'metrics'),
  });
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: 50 }, () => Promise.all([fetch(`${url}/readyz`), fetch(`${url}/metrics`)])));
  expect(computed).toBeLessThanOrEqual(2 * (1 + (Date.now() - startedAt) / 1_000));
});

it('closes a connection without a complete request, and accepts at most a hundred connections', async () => {
  const { url, port } = await serve({
    alive: () => true,
    readinessProblems: async () => [],
    metrics: async () => '',
  });
  const slow = connect(port, '127.0.0.1', () => slow.write('GET /healthz HTTP/1.1\r\nhost: x\r\n'));
  slow.on('error', () => {}).resume();
  await once(slow, 'close');
  const many = Array.from({ length: 150 }, () => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n'));
    return socket.on('error', () => {}).resume();
  });
  closing.push(() => many.forEach((socket) => socket.destroy()));
  await waitUntil(() => many.every(({ closed }) => closed), 'all connections are closed');
  // Those that were accepted were answered 408.
  expect(many.filter(({ bytesRead }) => bytesRead === 0).length).toBeGreaterThanOrEqual(50);
  // They have timed out, so that new ones are accepted again.
  const isServed = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  expect(await waitUntil(isServed, 'the server responds again')).toBe(true);
});
