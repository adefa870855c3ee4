import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { beginRequest } from '../../client/telemetry/spans.ts';
import { startTracing } from '../../client/telemetry/otel.ts';
import type { Tracing } from '../../client/telemetry/otel.ts';
import { journeyId } from '../../workflows/contract.ts';
import { startTraceCollector } from '../system/fleet/trace-collector.ts';
import type { CollectedSpan, TraceCollector } from '../system/fleet/trace-collector.ts';
import { findClosedAddress } from '../activities/servers.ts';
import { app, enterCode, historyOf, newestCode, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

describe('a trace', () => {
  let stack: Stack;
  let collector: TraceCollector;
  let tracing: Tracing | undefined;
  beforeAll(async () => {
    [stack, collector] = await Promise.all([startStack(), startTraceCollector()]);
  });
  afterEach(() => tracing?.close());
  afterAll(async () => {
    await stack.close();
    await collector.close();
  });

  const trace = (endpoint = collector.url) => void (tracing = startTracing({ endpoint, serviceName: 'onward-test' }));
  /** Runs `act` inside a request span, as the gateway does. */
  const serve = async <T>(route: string, act: () => Promise<T>, headers: Record<string, string> = {}): Promise<T> => {
    const request = beginRequest({ method: 'POST', route, headers });
    try {
      return await request.run(act);
    } finally {
      request.end(200);
    }
  };
  const childrenOf = ({ traceId, spanId }: CollectedSpan) =>
    collector.spans().filter((span) => span.traceId === traceId && span.parentSpanId === spanId);
  const rootOf = (route: string) => {
    const found = collector.spans().find(({ name }) => name === `POST ${route}`);
    if (found === undefined) throw new Error(`no span of ${route}`);
    return found;
  };
  const headersOf = async (userId: string) =>
    (await historyOf(stack, userId)).flatMap((event) => {
      const scheduled = event.activityTaskScheduledEventAttributes;
      return scheduled == null ? [] : [Object.keys(scheduled.header?.fields ?? {})];
    });

  it('connects a request with the start, the updates and the activities of a journey', async () => {
    trace();
    const ada = uniqueUserId('ada');
    const [sms, about] = ['/sms', { 'temporal.workflow.id': journeyId(ada) }];
    await serve('/start', () => stack.onward.start(ada, { accountType: 'individual' }));
    await waitForPosition(stack, ada, 'emailPending.awaitingCode');
    const code = await newestCode(stack, ada, 'email');
    await serve('/email', () => stack.onward.submitCode(ada, { channel: 'email', code }, app));
    await waitForPosition(stack, ada, 'smsPending.awaitingCode');
    stack.sfox.script(ada, 'confirm', [{ status: 401 }]);
    await serve(sms, () => enterCode(stack, ada, 'sms').catch(() => undefined));
    await tracing?.flush();

    const [start, ...others] = childrenOf(rootOf('/start'));
    expect([start?.name, others]).toEqual(['start onboarding', []]);
    expect(start).toMatchObject({ service: 'onward-test', attributes: about, failed: false });
    if (start === undefined) throw new Error('no span of the start');
    expect(childrenOf(start)).toMatchObject([
      { name: 'sendCode', attributes: { ...about, 'temporal.activity.attempt': 1 }, failed: false },
    ]);

    const [update] = childrenOf(rootOf('/email'));
    if (update === undefined) throw new Error('no span of the update');
    expect(update).toMatchObject({ name: 'update submitCode', attributes: about });
    expect(childrenOf(update).map(({ name }) => name)).toEqual(['confirmCode', 'sendCode']);

    const [refused] = childrenOf(rootOf(sms));
    if (refused === undefined) throw new Error('no span of the update');
    const failed = { 'error.type': 'ProviderCredentials' };
    expect(childrenOf(refused)).toMatchObject([{ name: 'confirmCode', attributes: failed, failed: true }]);
    const codes = [code, await newestCode(stack, ada, 'sms')].map((digits) => `\\b${digits}\\b`);
    expect(collector.received()).not.toMatch(new RegExp([stack.sfox.apiKey, '@', '•••', ...codes].join('|')));
  });

  it('continues the trace of the caller', async () => {
    trace();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await serve('/nothing', async () => undefined, { traceparent });
    await tracing?.flush();
    expect(rootOf('/nothing')).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
  });

  it('adds a header to the history, and none without tracing', async () => {
    const [bo, cy] = [uniqueUserId('bo'), uniqueUserId('cy')];
    await stack.onward.start(bo, { accountType: 'business' });
    await waitForPosition(stack, bo, 'emailPending.awaitingCode');
    trace();
    await serve('/code', () => enterCode(stack, bo, 'email'));
    await serve('/late', () => stack.onward.start(cy, { accountType: 'individual' }));
    await waitForPosition(stack, cy, 'emailPending.awaitingCode');
    expect(await headersOf(bo)).toEqual([[], ['onward-trace']]);
    expect(await headersOf(cy)).toEqual([['onward-trace']]);
  });

  it('does not delay a process whose collector is unavailable', async () => {
    trace(`http://${await findClosedAddress()}`);
    const dee = uniqueUserId('dee');
    await serve('/unavailable', () => stack.onward.start(dee, { accountType: 'individual' }));
    await waitForPosition(stack, dee, 'emailPending.awaitingCode');
    await expect(tracing?.flush()).resolves.toBeUndefined();
    await expect(tracing?.close()).resolves.toBeUndefined();
  });
});
