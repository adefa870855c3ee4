import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import type { BulkOperation } from '../../client/bulk-operations/read-operation.ts';
import { NotAwaitingApproval } from '../../client/errors.ts';
import type { Caller } from '../../client/journeys/idempotent-update.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { DECIDE_UPDATE } from '../../workflows/bulk-operation/approval.ts';
import { operationId } from '../../workflows/bulk-operation/contract.ts';
import { createCommand } from '../../workflows/engine/client.ts';
import { REQUEST_LIFETIME_MS } from '../../workflows/engine/core/envelope.ts';
import { makeDryRun } from '../support/bulk-operation.ts';
import { startOwnServer } from '../support/own-server.ts';
import { callsOf, operator, startStack, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

const approvals = { above: 1, within: 3_600_000 };
const other: Caller = { role: 'operator', name: 'day' };
const reason = 'the provider is back';

let stack: Stack;
let operations: BulkOperations;
let users: string[];
beforeEach(async () => {
  stack = await startStack({ address: server.address });
  operations = new BulkOperations({ ...stack, approvals });
  users = [uniqueUserId('ann'), uniqueUserId('bob')];
  for (const userId of users) stack.sfox.script(userId, 'send', [{ status: 503 }]);
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  for (const userId of users) await waitForPosition(stack, userId, 'emailPending.stalled');
});
afterEach(() => stack.close());

const retry = () => ({ command: 'retry', filter: { userIds: users }, expected: 2, reason }) as const;

/** Asks for a retry of both users. */
async function askFor(by: Caller = operator, via = operations): Promise<BulkOperation> {
  const dryRunId = await makeDryRun(operations, retry());
  const { id } = await via.start({ ...retry(), dryRunId }, by);
  return operations.get(id);
}

const untilState = (id: string, state: BulkOperation['state']) =>
  waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === state && operation;
  }, `the operation is ${state}`);

const wasCalledOnce = () => users.every((userId) => callsOf(stack, userId).join() === 'send email 503');

describe('a bulk operation above the limit', () => {
  it('sends nothing until another operator approves it, and then runs', async () => {
    const operation = await askFor();
    expect(operation).toMatchObject({ state: 'awaitingApproval', total: null, approval: { above: 1, decision: null } });
    const refused = operations.decide('approved', operation.id, { digest: operation.digest, reason }, operator);
    await expect(refused).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('another') });
    const stale = operations.decide('approved', operation.id, { digest: 'that of another', reason }, other);
    await expect(stale).rejects.toMatchObject({ code: 'bad_request', field: 'digest' });
    expect(await operations.get(operation.id)).toMatchObject({ state: 'awaitingApproval' });
    expect(wasCalledOnce()).toBe(true);

    await operations.decide('approved', operation.id, { digest: operation.digest, reason: 'looks right' }, other);
    expect(await untilState(operation.id, 'done')).toMatchObject({
      results: { applied: 2 },
      by: operator,
      approval: { decision: { decision: 'approved', by: other, reason: 'looks right' } },
    });
    for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    const again = operations.decide('rejected', operation.id, { digest: operation.digest, reason }, other);
    await expect(again).rejects.toMatchObject({ code: 'not_awaiting_approval' });
  });

  it('survives the end of its worker and of the process that requested it', async () => {
    const operation = await askFor();
    await stack.stopWorkers();
    await stack.startWorker();
    const restarted = new BulkOperations({ client: stack.client, taskQueue: stack.taskQueue });
    const approve = () => restarted.decide('approved', operation.id, { digest: operation.digest, reason }, other);
    // On a busy machine an approval may take effect after its caller has stopped waiting.
    await waitUntil(
      () =>
        approve().then(
          () => true,
          (error: unknown) => error instanceof NotAwaitingApproval || Promise.reject(error),
        ),
      'it is approved',
    );
    expect(await untilState(operation.id, 'done')).toMatchObject({ results: { applied: 2 } });
  });

  it('sends nothing after a rejection', async () => {
    const operation = await askFor();
    await operations.decide('rejected', operation.id, { digest: operation.digest, reason: 'too early' }, other);
    expect(await untilState(operation.id, 'rejected')).toMatchObject({
      note: 'no command was sent',
      approval: { decision: { decision: 'rejected', by: other, reason: 'too early' } },
    });
    expect(wasCalledOnce()).toBe(true);
  });

  it('expires without a decision', async () => {
    const brief = new BulkOperations({ ...stack, approvals: { above: 1, within: 1_000 } });
    const { id } = await askFor(operator, brief);
    expect(await untilState(id, 'expired')).toMatchObject({ note: expect.stringContaining('in time') });
    expect(wasCalledOnce()).toBe(true);
  });

  it('can be withdrawn by the operator who asked', async () => {
    const { id } = await askFor();
    await operations.stop(id, { reason: 'wrong filter' }, operator);
    expect(await untilState(id, 'stopped')).toMatchObject({ stopped: { by: operator, reason: 'wrong filter' } });
    expect(wasCalledOnce()).toBe(true);
  });

  it('compares persons by their ids, since a name may change', async () => {
    const [ada, bea] = [
      { ...operator, name: 'ada', personId: 'person-1' },
      { ...operator, name: 'ada', personId: 'person-2' },
    ];
    const operation = await askFor(ada);
    const decide = (by: Caller) =>
      operations.decide('approved', operation.id, { digest: operation.digest, reason }, by);
    await expect(decide({ ...ada, name: 'a new name' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(decide({ role: 'operator', name: 'ada' })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await decide(bea)).toMatchObject({ approval: { decision: { decision: 'approved' } } });
  });

  it('needs no approval for a dry run, or for as many journeys as the limit', async () => {
    const lenient = new BulkOperations({ ...stack, approvals: { above: 2, within: 1_000 } });
    const { id } = await askFor(operator, lenient);
    expect(await untilState(id, 'done')).toMatchObject({ approval: null, results: { applied: 2 } });
  });
});

describe('a decision', () => {
  const request = ({ digest }: BulkOperation, by: Caller['role'] | 'viewer' = 'operator') => ({
    decision: 'approved',
    digest,
    by: { role: by, name: 'day' },
    reason,
  });

  it.each([
    ['that is not an envelope', (asked: BulkOperation) => request(asked)],
    ['that is too old', (asked: BulkOperation) => aged(request(asked))],
    ['of a viewer', (asked: BulkOperation) => createCommand(DECIDE_UPDATE, request(asked, 'viewer'))],
    ['that was made for another update', (asked: BulkOperation) => createCommand('override', request(asked))],
  ])('%s is refused', async (_, argument) => {
    const operation = await askFor();
    const handle = stack.client.workflow.getHandle(operationId(operation.id));
    await expect(handle.executeUpdate(DECIDE_UPDATE, { args: [argument(operation)] })).rejects.toMatchObject({
      name: 'WorkflowUpdateFailedError',
    });
    expect(await operations.get(operation.id)).toMatchObject({ state: 'awaitingApproval' });
  });

  const aged = (body: object) => {
    const command = createCommand(DECIDE_UPDATE, body);
    return { ...command, at: command.at - 2 * REQUEST_LIFETIME_MS };
  };
});
