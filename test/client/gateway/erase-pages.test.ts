import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { UserEraser } from '../../../client/journeys/lifecycle/erase.ts';
import { createDataConverter } from '../../../client/temporal/data-converter.ts';
import { describeWorkflow } from '../../../client/temporal/messages.ts';
import { WhatIfs } from '../../../client/what-ifs/what-ifs.ts';
import { engineActivities } from '../../../workflows/engine/activity.ts';
import { whatIfRequests } from '../../../workflows/what-if/parse.ts';
import { noCounts } from '../../../workflows/what-if/state.ts';
import { whatIfId } from '../../../workflows/what-if/contract.ts';
import type { ComparePageRequest, ComparisonPage } from '../../../workflows/what-if/contract.ts';
import { bundlePath, keys, startStack, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';

let stack: Stack;
let connection: NativeConnection;
beforeAll(async () => {
  stack = await startStack();
  connection = await NativeConnection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
});
afterAll(async () => {
  await connection?.close();
  await stack?.close();
});

const workerOptions = {
  workflowBundle: { codePath: bundlePath },
  dataConverter: createDataConverter(keys, { foreignAsUndefined: true }),
};

/** A worker of what-ifs whose page names this user, and is handed over when `release` is called. */
async function workerWithPage(userId: string, taskQueue: string) {
  let begin = () => {};
  let release = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  const compareJourneys = async (_: ComparePageRequest): Promise<ComparisonPage> => {
    begin();
    const beating = setInterval(() => Context.current().heartbeat(), 1_000);
    await released;
    clearInterval(beating);
    const compared = { differences: [], refused: null, undecidedFrom: null, cause: null, why: 'a test' };
    const counted = { sends: { actual: 0, whatIf: 0 }, events: { total: 0, compared: 0 } };
    return { items: [{ userId, result: 'unreadable', ...compared, ...counted }], counts: noCounts, next: null };
  };
  const activities = engineActivities({ compareJourneys }, whatIfRequests, () => Context.current().info);
  const worker = await Worker.create({ ...workerOptions, connection, taskQueue, activities });
  const over = worker.run();
  const stop = async () => {
    release();
    worker.shutdown();
    await over;
  };
  return { begun, release, stop };
}

/** A client whose `third` resolves when an erasure has asked for the third time what is running. It does so once before it deletes. */
function watched(client: Client): { readonly client: Client; readonly third: Promise<unknown> } {
  const events = new EventEmitter();
  const service = client.workflowService;
  let listCount = 0;
  const listWorkflowExecutions = async (request: Parameters<typeof service.listWorkflowExecutions>[0]) => {
    if (request.query?.endsWith("ExecutionStatus = 'Running'") === true && (listCount += 1) === 3) events.emit('third');
    return service.listWorkflowExecutions(request);
  };
  const workflowService = new Proxy(service, {
    get: (target, name) =>
      name === 'listWorkflowExecutions' ? listWorkflowExecutions : (Reflect.get(target, name, target) as unknown),
  });
  const watching = new Proxy(client, {
    get: (target, name) =>
      name === 'workflowService' ? workflowService : (Reflect.get(target, name, target) as unknown),
  });
  return { client: watching, third: once(events, 'third') };
}

/** Erases a user, and hands the page over when the erasure waits for it or has ended. */
async function eraseWhile(userId: string, worker: { release(): void }): Promise<void> {
  const { client, third } = watched(stack.client);
  const erasure = new UserEraser(client, 120_000).erase(userId);
  await Promise.race([third, erasure.catch(() => {})]);
  worker.release();
  await erasure;
}

describe('an erasure', () => {
  let erased: string;
  let worker: Awaited<ReturnType<typeof workerWithPage>>;
  let whatIf: string;
  beforeEach(async () => {
    erased = uniqueUserId('erased');
    await stack.onward.start(erased, { accountType: 'individual' });
    await waitForPosition(stack, erased, 'emailPending.awaitingCode');
    const taskQueue = `held-${randomUUID()}`;
    worker = await workerWithPage(erased, taskQueue);
    const { id } = await new WhatIfs({ client: stack.client, taskQueue }).start({ policy: {} }, randomUUID());
    whatIf = whatIfId(id);
    await worker.begun;
  });
  afterEach(() => worker?.stop());

  it('waits for a page of a what-if that was compared before, and deletes it', async () => {
    await eraseWhile(erased, worker);
    await expect(describeWorkflow(stack.client, whatIf)).rejects.toThrow(WorkflowNotFoundError);
  });

  it('waits for it again when it is repeated, although nothing else of the user is left', async () => {
    await expect(new UserEraser(stack.client, 5_000).erase(erased)).rejects.toMatchObject({ code: 'unavailable' });
    await eraseWhile(erased, worker);
    await expect(describeWorkflow(stack.client, whatIf)).rejects.toThrow(WorkflowNotFoundError);
  });
});

it('does not wait for a page that no worker has begun', async () => {
  const erased = uniqueUserId('erased');
  await stack.onward.start(erased, { accountType: 'individual' });
  const taskQueue = `held-${randomUUID()}`;
  // Without activities it runs workflows alone.
  const worker = await Worker.create({ ...workerOptions, connection, taskQueue });
  const over = worker.run();
  const { id } = await new WhatIfs({ client: stack.client, taskQueue }).start({ policy: {} }, randomUUID());
  try {
    await waitUntil(async () => {
      const { raw } = await describeWorkflow(stack.client, whatIfId(id));
      return raw.pendingActivities?.length === 1;
    }, 'the page is scheduled');
    await stack.onward.erase(erased);
    expect((await describeWorkflow(stack.client, whatIfId(id))).status.name).toBe('RUNNING');
  } finally {
    await stack.client.workflow.getHandle(whatIfId(id)).terminate();
    worker.shutdown();
    await over;
  }
});
