import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { createDataConverter } from '../../client/temporal/data-converter.ts';
import { failureConverterPath } from '../../client/temporal/data-converter.ts';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import { engineActivities, objectOf, parseNumber, parseText } from '../../workflows/engine/activity.ts';
import type { ActivityRequests } from '../../workflows/engine/activity.ts';
import { createCommand, createRequest, openAnswer, openReply } from '../../workflows/engine/client.ts';
import type { CommandReply } from '../../workflows/engine/client.ts';
import { paymentQueue } from './order-contract.ts';
import type { OrderStart, PaymentActivities } from './order-contract.ts';
import { waitUntil, keys, quiet } from '../support/stack.ts';
import { paymentActivities } from './payment-activities.js';
import { startPaymentProvider } from './payment-provider.ts';

export const dataConverter = createDataConverter(keys, { foreignAsUndefined: true });

const parsePayment = objectOf({ orderId: parseText, amount: parseNumber });
const paymentRequests: ActivityRequests<PaymentActivities> = {
  reserve: parsePayment,
  charge: parsePayment,
  release: parsePayment,
};

/** Bundles a workflow file of this folder. */
export async function bundle(file: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: resolve(import.meta.dirname, file),
    failureConverterPath,
    webpackConfigHook: (config) => ({ ...config, mode: 'none' }),
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/** Starts a Temporal server and a payment provider. Workers can be started and stopped during a test. */
export async function startOrderEnvironment(composeFile = 'temporal-dev.yml') {
  quiet();
  const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';
  const server = await startTemporal({ binary, composeFile: resolve(composeFile), uiPort: false });
  const { address } = server;
  const [connection, native, provider] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
    startPaymentProvider(),
  ]);
  const client = new Client({ connection, dataConverter });
  const running = new Set<() => Promise<void>>();

  const common = { connection: native, dataConverter } as const;
  const activities = engineActivities(paymentActivities(provider.url), paymentRequests, () => Context.current().info);
  const runAll = (workers: readonly Worker[]) => {
    const runs = workers.map((worker) => worker.run());
    const stop = async () => {
      running.delete(stop);
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
    };
    running.add(stop);
    return stop;
  };
  const createOrderWorker = (code: string, taskQueue: string, options: Partial<WorkerOptions> = {}) =>
    Worker.create({ ...common, taskQueue, workflowBundle: { code }, ...options });
  const createPaymentWorker = (taskQueue: string) =>
    Worker.create({ ...common, taskQueue: paymentQueue(taskQueue), activities });

  const startWorker = async (code: string, taskQueue: string, options: Partial<WorkerOptions> = {}) =>
    runAll(await Promise.all([createOrderWorker(code, taskQueue, options), createPaymentWorker(taskQueue)]));
  /** Starts a worker for orders without their payments, or for payments alone. */
  const startOrderWorker = async (code: string, taskQueue: string) =>
    runAll([await createOrderWorker(code, taskQueue)]);
  const startPaymentWorker = async (taskQueue: string) => runAll([await createPaymentWorker(taskQueue)]);

  const startOrder = async (taskQueue: string, start: Partial<OrderStart> = {}) => {
    const orderId = `order-${randomUUID().slice(0, 8)}`;
    const body: OrderStart = { orderId, amount: 10, approveWithin: 600_000, ...start };
    const handle = await client.workflow.start('order', {
      taskQueue,
      workflowId: orderId,
      args: [createRequest('start', 'order', body)],
    });
    return { orderId, handle };
  };

  return {
    address,
    client,
    provider,
    startWorker,
    startOrderWorker,
    startPaymentWorker,
    startOrder,
    close: async () => {
      await Promise.all([...running].map((stop) => stop()));
      await Promise.all([native.close(), connection.close(), provider.close()]);
      await server.stop();
    },
  };
}

export type OrderEnvironment = Awaited<ReturnType<typeof startOrderEnvironment>>;
export type Handle = Awaited<ReturnType<OrderEnvironment['startOrder']>>['handle'];

/** Sends an update in the envelope of the engine's client. */
export async function sendCommand(
  handle: Handle,
  name: string,
  request: unknown,
  key: string | null = null,
): Promise<CommandReply> {
  const command = createCommand(name, request, { key, fingerprint: JSON.stringify(request) });
  const reply = await handle.executeUpdate<unknown, [unknown]>(name, { args: [command], updateId: command.id });
  return openReply(reply, name, command);
}

export async function sendQuery<Answer>(handle: Handle, name = 'order'): Promise<Answer> {
  const query = createRequest('query', name, null);
  return openAnswer(await handle.query<unknown, [unknown]>(name, query), name, query) as Answer;
}

export interface OrderQueryResult {
  readonly value: unknown;
  readonly comments: readonly string[];
  readonly log: readonly string[];
  readonly timers: readonly { readonly dueAt: number; readonly id: string }[];
  readonly approveMustWait: boolean;
}

/**
 * Waits until an order's state, as JSON, contains this text. Queries only after the history has changed and while no workflow task
 * is pending: the SDK drops a task that coincides with a query during the eviction of an uncached run, and Temporal retries it 10 s later.
 */
export function waitForState(handle: Handle, text: string): Promise<OrderQueryResult> {
  let queried: number | undefined;
  return waitUntil(async () => {
    const { raw, historyLength } = await handle.describe();
    if (raw.pendingWorkflowTask != null || historyLength === queried) return undefined;
    const order = await sendQuery<OrderQueryResult>(handle);
    queried = historyLength;
    return JSON.stringify(order.value).includes(text) && order;
  }, `the order's state contains ${text}`);
}
