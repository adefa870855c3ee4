import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { connectLater } from '../../../client/temporal/connect.ts';
import { createReadinessCheck } from '../../../client/gateway/plugins/readiness.ts';
import { Onward } from '../../../client/onward.ts';
import { webhookIdOf } from '../../../client/webhooks/webhooks.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startSilentServer } from '../../support/silent-server.ts';
import type { SilentServer } from '../../support/silent-server.ts';
import { measureProcessTime } from '../../support/process-time.ts';
import { keys } from '../../support/stack.ts';

interface Operation {
  /** Names the roles. */
  readonly description?: string;
}

const HTTP_METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);
const LIMIT_MS = 5_000;
const COMMAND_LIMIT_MS = 10_000;
const METRICS_LIMIT_MS = 2_000;

/** Routes that answer without Temporal, or report by themselves that it is away. This gateway has no receipt keys, so it issues no receipt. */
const WITHOUT_TEMPORAL = [
  /^\/healthz$/,
  /^\/readyz$/,
  /^\/metrics$/,
  /^\/openapi\.json$/,
  /^\/codec/,
  /^\/console/,
  /^\/\.well-known\//,
  /\/receipt$/,
];
const COMMANDS = /\/onboarding\/(code|resend|recheck|retry|pause|resume|cancel|override|visit)$/;

const reason = 'an outage';
/** The bodies of routes that take more than a reason. */
const bodies: readonly (readonly [RegExp, unknown])[] = [
  [/\/onboarding$/, { accountType: 'individual' }],
  [/\/onboarding\/code$/, { channel: 'email', code: '1234' }],
  [/\/onboarding\/(resend|recheck|visit)$/, {}],
  [/\/onboarding\/override$/, { channel: 'email', reason }],
  [/\/webhooks\/resend$/, { filter: { state: 'givenUp' }, reason }],
  [/\/notes$/, { text: 'called us' }],
  [/\/onboarding\/supersede$/, { newUserId: 'ada-2', reason }],
  [/\/what-ifs$/, { policy: {} }],
  [/\/operations\/[^/]+\/(approve|reject)$/, { digest: 'as shown', reason }],
  [
    /\/operations$/,
    { command: 'retry', filter: { state: 'emailPending' }, expected: 1, dryRunId: randomUUID(), reason },
  ],
];

/** How many routes are called at once. All of them would measure how fast this process handles so many. */
const CONCURRENCY = 12;

let silent: SilentServer;
let client: Client;
let gateway: Gateway;
beforeAll(async () => {
  silent = await startSilentServer();
  client = connectLater({ connectionOptions: { address: silent.address } }, keys);
  gateway = await startGateway(
    { withoutWorker: true },
    { onward: new Onward({ client }), isReady: createReadinessCheck(client) },
  );
});
afterAll(async () => {
  await gateway?.close();
  await client?.connection.close();
  await silent?.close();
});

/** Calls a route with sufficient rights, and measures how long the answer takes. */
async function measure(method: string, template: string, { description = '' }: Operation) {
  const path = template
    .replace('/webhooks/{id}', `/webhooks/${webhookIdOf('onboarding-status:ada:1760000000000:3')}`)
    .replace(/(operations|reconciliations|what-ifs)\/\{id\}/, `$1/${randomUUID()}`)
    .replace('{note}', randomUUID())
    .replace('{id}', 'ada');
  const query = /\/(forecast|preview)$/.test(path) ? '?command=retry' : '';
  const body = bodies.find(([route]) => route.test(path))?.[1] ?? { reason };
  const as = (['operator', 'app', 'viewer'] as const).find((role) => description.includes(role)) ?? 'operator';
  const timeTaken = measureProcessTime();
  const reply =
    template === '/v1/events'
      ? await gateway.deliver({ type: 'user.created', data: { userId: 'ada' } })
      : await gateway.call(method.toUpperCase(), `${path}${query}`, { as, ...(method === 'get' ? {} : { body }) });
  return { route: `${method} ${template}`, reply, took: timeTaken() };
}

type TimedResponse = Awaited<ReturnType<typeof measure>>;

it('answers 503 with Retry-After at every route within 5 s, and at commands within 10 s', async () => {
  const { paths } = (await gateway.call('GET', '/openapi.json', { as: null })).body as {
    paths: Record<string, Record<string, Operation>>;
  };
  const operations = Object.entries(paths)
    .filter(([template]) => !WITHOUT_TEMPORAL.some((known) => known.test(template)))
    .flatMap(([template, path]) =>
      Object.entries(path)
        .filter(([method]) => HTTP_METHODS.has(method))
        .map(
          ([method, operation]) =>
            () =>
              measure(method, template, operation),
        ),
    );
  const answered: TimedResponse[] = [];
  for (let from = 0; from < operations.length; from += CONCURRENCY) {
    answered.push(...(await Promise.all(operations.slice(from, from + CONCURRENCY).map((call) => call()))));
  }
  expect(answered.length).toBeGreaterThan(20);
  const wrong = answered
    .filter(({ route, reply, took }) => {
      const limit = COMMANDS.test(route) ? COMMAND_LIMIT_MS : LIMIT_MS;
      const isRight = reply.status === 503 && reply.body.code === 'unavailable' && took <= limit;
      return !isRight || !(Number(reply.headers.get('retry-after')) > 0);
    })
    .map(({ route, reply, took }) => `${route}: ${reply.status} ${JSON.stringify(reply.body)} after ${took} ms`);
  expect(wrong).toEqual([]);
  const notBlamed = answered.filter(({ reply }) => !reply.body.detail.includes('Temporal')).map(({ route }) => route);
  expect(notBlamed).toEqual([]);
});

it('reports at /readyz and in the metrics within 2 s that Temporal is away', async () => {
  const timeTaken = measureProcessTime();
  const [ready, metrics] = await Promise.all([
    gateway.call('GET', '/readyz', { as: null }),
    gateway.call('GET', '/metrics', { as: 'viewer' }),
  ]);
  expect(timeTaken()).toBeLessThan(METRICS_LIMIT_MS + 300);
  expect(ready.status).toBe(503);
  expect(metrics.status).toBe(200);
  expect(metrics.body).toMatch(/^onward_temporal_up 0$/m);
});
