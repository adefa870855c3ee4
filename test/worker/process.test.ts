import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { journeyId, TASK_QUEUE } from '../../workflows/contract.ts';
import { startTraceCollector } from '../system/fleet/trace-collector.ts';
import type { CollectedSpan, TraceCollector } from '../system/fleet/trace-collector.ts';
import {
  enterCode,
  waitUntil,
  newestCode,
  operator,
  quickPolicy,
  startStack,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { startWorkerProcess } from '../support/worker-process.ts';
import type { FleetProcess } from '../system/fleet/process.ts';

/** A sample in Prometheus' text format: its labels and its value. */
const SAMPLE = /^onward_provider_replies_total\{(.*)\} (\d+)$/gm;

describe("a worker's process", () => {
  let server: TemporalServer;
  let stack: Stack;
  let collector: TraceCollector;
  let worker: FleetProcess;
  beforeAll(async () => {
    const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';
    server = await startTemporal({ binary, composeFile: resolve('temporal-dev.yml'), uiPort: false });
    stack = await startStack({ address: server.address, withoutWorker: true });
    collector = await startTraceCollector();
    const more = { ONWARD_LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    worker = await startWorkerProcess(stack.sfox, server.address, more);
  });
  afterAll(async () => {
    await worker.kill();
    await stack.close();
    await server.stop();
    await collector.close();
  });

  const get = async (path: string) => {
    const reply = await fetch(`${worker.url}${path}`);
    return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
  };
  const onward = () => stack.facade({ taskQueue: TASK_QUEUE, policy: quickPolicy });
  const replies = async () => {
    const { text } = await get('/metrics');
    return Object.fromEntries([...text.matchAll(SAMPLE)].map(([, labels = '', value]) => [labels, Number(value)]));
  };

  it('reports that it is alive and ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"ok":true,"obstacles":[]}' });
    expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"ok":true,"obstacles":[]}' });
    expect(await get('/elsewhere')).toMatchObject({ status: 404 });
    expect((await fetch(`${worker.url}/healthz`, { method: 'POST' })).status).toBe(405);
  });

  it('exits at once and names the variable if its port is in use', async () => {
    const more = { ONWARD_WORKER_PORT: new URL(worker.url).port };
    await expect(startWorkerProcess(stack.sfox, server.address, more)).rejects.toThrow(
      /ONWARD_WORKER_PORT names a port/,
    );
  });

  it("serves the SDK's metrics and counts the provider's replies, without user ids", async () => {
    const [ada, bo] = [uniqueUserId('ada'), uniqueUserId('bo', '.both-verified')];
    stack.sfox.script(ada, 'send', [{ status: 503 }, { status: 429, retryAfter: 1 }, { status: 401 }]);
    stack.sfox.script(ada, 'confirm', [{ status: 500 }, 'reset-before']);
    const patient = stack.facade({ taskQueue: TASK_QUEUE, policy: { ...quickPolicy, retrySendFor: 60_000 } });
    await patient.start(ada, { accountType: 'individual' });
    await onward().start(bo, { accountType: 'individual' });
    await waitForPosition(stack, bo, 'done');
    await waitForPosition(stack, ada, 'emailPending.stalled');
    await patient.retry(ada, { reason: 'the key is correct now' }, operator);
    await waitForPosition(stack, ada, 'emailPending.awaitingCode');
    for (let nth = 0; nth < 2; nth += 1) await enterCode(stack, ada, 'email').catch(() => undefined);
    await enterCode(stack, ada, 'email');
    await waitForPosition(stack, ada, 'smsPending.awaitingCode');

    const { type, text } = await get('/metrics');
    expect(type).toContain('text/plain');
    expect(text).toMatch(/^temporal_num_pollers\{/m);
    expect(text).toContain('# TYPE onward_provider_replies_total counter');
    expect(text).not.toContain(ada);
    expect(await replies()).toEqual({
      'call="send",channel="email",reply="5xx"': 1,
      'call="send",channel="email",reply="429"': 1,
      'call="send",channel="email",reply="401"': 1,
      'call="send",channel="email",reply="2xx"': 1,
      'call="send",channel="email",reply="already_verified"': 1,
      'call="send",channel="sms",reply="already_verified"': 1,
      'call="send",channel="sms",reply="2xx"': 1,
      'call="confirm",channel="email",reply="5xx"': 1,
      'call="confirm",channel="email",reply="unknown"': 1,
      'call="confirm",channel="email",reply="2xx"': 1,
      'call="read",channel="none",reply="2xx"': 2,
    });
  });

  it('logs JSON lines that name journeys and contain no secret', async () => {
    const cy = uniqueUserId('cy');
    stack.sfox.script(cy, 'send', [{ status: 422, body: { error: 'cy@example.test is not allowed' } }]);
    await onward().start(cy, { accountType: 'individual' });
    await waitForPosition(stack, cy, 'emailPending.stalled');
    await stack.facade({}).retry(cy, { reason: 'allowed now' }, operator);
    const code = await newestCode(stack, cy, 'email');
    await enterCode(stack, cy, 'email');
    await waitForPosition(stack, cy, 'smsPending.awaitingCode');

    const events = () =>
      worker
        .output()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    // The SDK buffers log lines briefly to sort them by time.
    const ofActivity = await waitUntil(
      () => events().find(({ msg, workflowId }) => msg === 'Activity completed' && workflowId === journeyId(cy)),
      'the activity is logged',
    );
    expect(ofActivity).toMatchObject({ level: 'debug', service: 'onward-worker', activityType: 'sendCode' });
    expect(events()).toContainEqual(expect.objectContaining({ level: 'info', msg: 'worker is polling' }));
    const failed = { level: 'warn', error: expect.objectContaining({ type: 'ProviderOutOfService' }) };
    expect(events()).toContainEqual(expect.objectContaining(failed));
    const secrets = [stack.sfox.apiKey, 'example.test', '•••', 'taskToken'];
    expect(secrets.filter((secret) => worker.output().includes(secret))).toEqual([]);
    expect(worker.output()).not.toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('sends a span of every activity to the collector', async () => {
    const dee = uniqueUserId('dee');
    await onward().start(dee, { accountType: 'individual' });
    const about = ({ attributes }: CollectedSpan) => attributes['temporal.workflow.id'] === journeyId(dee);
    const span = await waitUntil(() => collector.spans().find(about), 'the span is exported');
    expect(span).toMatchObject({ service: 'onward-worker', name: 'sendCode', failed: false });
  });

  it('limits the stack trace of a pending workflow promise to four frames', async () => {
    const cy = uniqueUserId('cy');
    await onward().start(cy, { accountType: 'individual' });
    await waitForPosition(stack, cy, 'emailPending.awaitingCode');
    const stacks = await stack.client.workflow.getHandle(journeyId(cy)).query<string>('__stack_trace');
    const frames = stacks.split('\n\n').map((one) => one.trim().split('\n').length);
    expect(stacks).toContain('MachineRuntime.run');
    expect(Math.max(...frames)).toBeLessThanOrEqual(4);
  });

  it('is not ready while Temporal is unavailable, and stays alive', async () => {
    await server.stop();
    const { status, text } = await waitUntil(async () => {
      const reply = await get('/readyz');
      return reply.status !== 200 && reply;
    }, 'the worker is not ready');
    expect([status, text]).toEqual([503, '{"ok":false,"obstacles":["Temporal does not respond"]}']);
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });
});
