import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { BulkOperations } from '../../../client/bulk-operations/bulk-operations.ts';
import { makeDryRun } from '../../support/bulk-operation.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { TASK_QUEUE } from '../../../workflows/contract.ts';
import { startOutage } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { callsOf, waitUntil, operator, waitForPosition } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { startWorkerProcess } from '../../support/worker-process.ts';
import type { FleetProcess } from '../fleet/process.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

let worker: FleetProcess | undefined;
beforeEach(() => {
  worker = undefined;
});
afterEach(() => worker?.kill());

const reason = 'the provider is available again';
/** The worker process polls the production task queue. */
const options = { withoutWorker: true, taskQueue: TASK_QUEUE };

const startWorker = async ({ sfox }: Stack) => (worker = await startWorkerProcess(sfox, server.address));
const usersWithCode = ({ sfox }: Stack, users: readonly string[]) =>
  users.filter((userId) => sfox.outbox(userId).length > 0);

/** Kills the worker once some users have been sent a code, and starts another one. */
async function crashMidway(stack: Stack, users: readonly string[]): Promise<void> {
  await waitUntil(() => usersWithCode(stack, users).length > 4, 'the operation has sent some codes');
  await worker?.kill();
  await startWorker(stack);
}

/** Every user was or may have been sent a code: a request in flight when the worker was killed is not repeated. */
async function waitUntilAllHaveCodes(stack: Stack, users: readonly string[]): Promise<void> {
  for (const userId of users) {
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    const good = callsOf(stack, userId).filter((call) => call === 'send email 200');
    expect(good.length).toBeLessThanOrEqual(1);
  }
  expect(users.length - usersWithCode(stack, users).length).toBeLessThanOrEqual(2);
}

it('continues a bulk operation after its worker is killed, without a repeated command', async () => {
  const runOperation: Parameters<typeof startOutage>[2] = async ({ stack, strand }) => {
    await startWorker(stack);
    const users = await strand(20);
    stack.sfox.outage(false);
    const operations = new BulkOperations(stack);
    const filter = { step: 'stalled' } as const;
    const request = { command: 'retry', filter, expected: 20, reason } as const;
    const dryRunId = await makeDryRun(operations, request);
    const { id } = await operations.start({ ...request, dryRunId }, operator);
    await crashMidway(stack, users);
    const result = await waitUntil(async () => {
      const operation = await operations.get(id);
      return operation.state === 'done' && operation;
    }, 'the operation is done');
    expect(result).toMatchObject({ done: 20, outcomes: { sends: 20 } });
    await waitUntilAllHaveCodes(stack, users);
  };
  await startOutage(server.address, {}, runOperation, options);
});
