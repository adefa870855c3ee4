import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Operations } from '../../client/operations.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { inAnOutage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { callsOf, eventually, operator, untilAt } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { startWorkerProcess } from '../support/worker-process.ts';
import type { OwnProcess } from '../../sandbox/fleet/process.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

let worker: OwnProcess | undefined;
beforeEach(() => {
  worker = undefined;
});
afterEach(() => worker?.kill());

const because = { reason: 'three in the morning' };
/** The process polls the queue that production polls. */
const options = { withoutWorker: true, taskQueue: TASK_QUEUE };

const start = async ({ sfox }: Stack) => (worker = await startWorkerProcess(sfox, server.address));
const sent = ({ sfox }: Stack, users: readonly string[]) => users.filter((userId) => sfox.outbox(userId).length > 0);

/** Ends the worker as a crash does when some have been sent to, and starts another one. */
async function crash(stack: Stack, users: readonly string[]): Promise<void> {
  await eventually(() => sent(stack, users).length > 4, 'it is under way');
  await worker?.kill();
  await start(stack);
}

/** Everybody has a code, or may have: what was in flight when the worker died is asked for once all the same. */
async function untilAllAreServed(stack: Stack, users: readonly string[]): Promise<void> {
  for (const userId of users) {
    await untilAt(stack, userId, 'emailPending.awaitingCode');
    const good = callsOf(stack, userId).filter((call) => call === 'send email 200');
    expect(good.length).toBeLessThanOrEqual(1);
  }
  expect(users.length - sent(stack, users).length).toBeLessThanOrEqual(2);
}

it('goes on with a bulk operation when its worker is killed, and tells nobody twice', async () => {
  const tell: Parameters<typeof inAnOutage>[2] = async ({ stack, strand }) => {
    await start(stack);
    const users = await strand(20);
    stack.sfox.outage(false);
    const operations = new Operations(stack);
    const filter = { step: 'stalled' } as const;
    const { id } = await operations.start({ command: 'retry', filter, expected: 20, ...because }, operator);
    await crash(stack, users);
    const over = await eventually(async () => {
      const operation = await operations.get(id);
      return operation.state === 'done' && operation;
    }, 'it is done');
    expect(over).toMatchObject({ done: 20, outcomes: { sends: 20 } });
    await untilAllAreServed(stack, users);
  };
  await inAnOutage(server.address, {}, tell, options);
});
