import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { beginRequest } from '../../client/spans.ts';
import { startTracing } from '../../client/tracing.ts';
import type { Tracing } from '../../client/tracing.ts';
import { journeyId } from '../../workflows/contract.ts';
import { startCollector } from '../../sandbox/fleet/collector.ts';
import type { CollectedSpan, Collector } from '../../sandbox/fleet/collector.ts';
import { nobody } from '../activities/servers.ts';
import { app, enterCode, historyOf, newestCode, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

describe('a trace', () => {
  let stack: Stack;
  let collector: Collector;
  let tracing: Tracing | undefined;
  beforeAll(async () => {
    [stack, collector] = await Promise.all([startStack(), startCollector()]);
  });
  afterEach(() => tracing?.close());
  afterAll(async () => {
    await stack.close();
    await collector.close();
  });

  const trace = (endpoint = collector.url) => void (tracing = startTracing({ endpoint, serviceName: 'onward-test' }));
  /** Serves a request as the gateway does. */
  const serve = async <T>(route: string, act: () => Promise<T>, headers: Record<string, string> = {}): Promise<T> => {
    const request = beginRequest({ method: 'POST', route, headers });
    try {
      return await request.run(act);
    } finally {
      request.end(200);
    }
  };
  const below = ({ traceId, spanId }: CollectedSpan) =>
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

  it('goes from a request over the start and the updates of a journey to its activities', async () => {
    trace();
    const ada = user('ada');
    const [sms, about] = ['/sms', { 'temporal.workflow.id': journeyId(ada) }];
    await serve('/start', () => stack.onward.start(ada, { accountType: 'individual' }));
    await untilAt(stack, ada, 'emailPending.awaitingCode');
    const code = await newestCode(stack, ada, 'email');
    await serve('/email', () => stack.onward.submitCode(ada, { channel: 'email', code }, app));
    await untilAt(stack, ada, 'smsPending.awaitingCode');
    stack.sfox.script(ada, 'confirm', [{ status: 401 }]);
    await serve(sms, () => enterCode(stack, ada, 'sms').catch(() => undefined));
    await tracing?.flush();

    const [start, ...others] = below(rootOf('/start'));
    expect([start?.name, others]).toEqual(['start onboarding', []]);
    expect(start).toMatchObject({ service: 'onward-test', attributes: about, failed: false });
    if (start === undefined) throw new Error('no span of the start');
    expect(below(start)).toMatchObject([
      { name: 'sendCode', attributes: { ...about, 'temporal.activity.attempt': 1 }, failed: false },
    ]);

    const [update] = below(rootOf('/email'));
    if (update === undefined) throw new Error('no span of the update');
    expect(update).toMatchObject({ name: 'update submitCode', attributes: about });
    expect(below(update).map(({ name }) => name)).toEqual(['confirmCode', 'sendCode']);

    const [refused] = below(rootOf(sms));
    if (refused === undefined) throw new Error('no span of the update');
    const failed = { 'error.type': 'ProviderCredentials' };
    expect(below(refused)).toMatchObject([{ name: 'confirmCode', attributes: failed, failed: true }]);
    const codes = [code, await newestCode(stack, ada, 'sms')].map((digits) => `\\b${digits}\\b`);
    expect(collector.received()).not.toMatch(new RegExp([stack.sfox.apiKey, '@', '•••', ...codes].join('|')));
  });

  it('that the caller has begun goes on', async () => {
    trace();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await serve('/nothing', async () => undefined, { traceparent });
    await tracing?.flush();
    expect(rootOf('/nothing')).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
  });

  it('leaves a header in the history, and none where nothing is traced', async () => {
    const [bo, cy] = [user('bo'), user('cy')];
    await stack.onward.start(bo, { accountType: 'business' });
    await untilAt(stack, bo, 'emailPending.awaitingCode');
    trace();
    await serve('/code', () => enterCode(stack, bo, 'email'));
    await serve('/late', () => stack.onward.start(cy, { accountType: 'individual' }));
    await untilAt(stack, cy, 'emailPending.awaitingCode');
    expect(await headersOf(bo)).toEqual([[], ['onward-trace']]);
    expect(await headersOf(cy)).toEqual([['onward-trace']]);
  });

  it('holds nobody up whose collector is away', async () => {
    trace(`http://${await nobody()}`);
    const dee = user('dee');
    await serve('/away', () => stack.onward.start(dee, { accountType: 'individual' }));
    await untilAt(stack, dee, 'emailPending.awaitingCode');
    await expect(tracing?.flush()).resolves.toBeUndefined();
    await expect(tracing?.close()).resolves.toBeUndefined();
  });
});
