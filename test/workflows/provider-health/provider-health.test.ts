import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/common';
import { readProviderHealth } from '../../../client/monitoring/provider-health.ts';
import type { ProviderHealth } from '../../../client/monitoring/provider-health.ts';
import { reportProviderHealth } from '../../../worker/provider/provider-health-reporter.ts';
import { createRequest } from '../../../workflows/engine/client.ts';
import { PROVIDER_HEALTH_TYPE, providerHealthId } from '../../../workflows/provider-health/contract.ts';
import type { AttemptCounts } from '../../../workflows/provider-health/contract.ts';
import { measureProcessTime } from '../../support/process-time.ts';
import { waitUntil, startStack, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import type { Stack, StackOptions } from '../../support/stack.ts';

const sent: AttemptCounts = { sends: 1, replies: { '2xx': 1 } };

async function on(options: StackOptions, run: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack(options);
  try {
    await run(stack);
  } finally {
    await stack.close();
  }
}

/** Waits until the pulse of a stack shows this. */
const untilShown = ({ client, taskQueue }: Stack, is: (health: ProviderHealth) => boolean) =>
  waitUntil(async () => {
    const health = await readProviderHealth(client, taskQueue);
    return health !== null && is(health) && health;
  }, 'the pulse shows it');

const pulseOf = ({ client, taskQueue }: Stack) => client.workflow.getHandle(providerHealthId(taskQueue));
const sendsOf = ({ minutes }: ProviderHealth) => minutes.reduce((all, { sends }) => all + sends, 0);
const startAll = ({ onward }: Stack, users: readonly string[]) =>
  Promise.all(users.map((userId) => onward.start(userId, { accountType: 'individual' })));

describe('the provider health', () => {
  it('combines the replies of all workers', () =>
    // Two workers of one task queue, each with its own provider, which records the requests of that worker.
    on({}, (one) =>
      on({ taskQueue: one.taskQueue }, async (other) => {
        const crowd = Array.from({ length: 40 }, (_, nth) => uniqueUserId(`crowd${nth}`));
        await startAll(one, crowd);
        for (const userId of crowd) await waitForPosition(one, userId, 'emailPending.awaitingCode');
        const requestCounts = [one, other].map(({ sfox }) => sfox.requests().length);
        expect(Math.min(...requestCounts)).toBeGreaterThan(0);
        const health = await untilShown(one, (shown) => sendsOf(shown) >= crowd.length);
        expect(sendsOf(health)).toBe(crowd.length);
        expect(health.replies).toMatchObject({ '2xx': requestCounts.reduce((all, count) => all + count), '5xx': 0 });
        expect(Math.abs(Date.now() - Date.parse(health.lastGoodAt ?? ''))).toBeLessThan(60_000);
        expect(await one.onward.providerHealth()).toMatchObject({ replies: health.replies });
      }),
    ));

  it('shows an outage by its class of reply, and by no good one', () =>
    on({}, async (stack) => {
      stack.sfox.outage(true);
      const userId = uniqueUserId('stranded');
      await startAll(stack, [userId]);
      await waitForPosition(stack, userId, 'emailPending.stalled');
      const health = await untilShown(stack, ({ replies }) => replies['5xx'] > 0);
      expect(health).toMatchObject({ lastGoodAt: null, replies: { '2xx': 0, '5xx': stack.sfox.requests().length } });
    }));

  it('keeps its state when it continues as new', () =>
    on({}, async (stack) => {
      const { client, taskQueue } = stack;
      await reportProviderHealth(client, taskQueue, sent);
      const { runId: first } = await pulseOf(stack).describe();
      for (let nth = 0; nth < 600; nth += 50) {
        await Promise.all(Array.from({ length: 50 }, () => reportProviderHealth(client, taskQueue, sent)));
      }
      await waitUntil(async () => (await pulseOf(stack).describe()).runId !== first, 'it has continued as new');
      await reportProviderHealth(client, taskQueue, { sends: 0, replies: { unknown: 1 } });
      const health = await untilShown(stack, ({ replies }) => replies.unknown === 1);
      expect(health).toMatchObject({ replies: { '2xx': 601 } });
      expect(sendsOf(health)).toBe(601);
    }));

  it('ends after a month without reports, and starts again with the next report', () =>
    on({}, async (stack) => {
      const { client, taskQueue } = stack;
      const workflowId = providerHealthId(taskQueue);
      await client.workflow.start(PROVIDER_HEALTH_TYPE, {
        workflowId,
        taskQueue,
        args: [createRequest('start', PROVIDER_HEALTH_TYPE, { maxRunMs: 1_000, maxIdleMs: 1_500 })],
      });
      const { runId } = await pulseOf(stack).describe();
      await reportProviderHealth(client, taskQueue, sent);
      const ended = async (id?: string) => (await client.workflow.getHandle(workflowId, id).describe()).status.name;
      await waitUntil(async () => (await ended()) === 'COMPLETED', 'the workflow has ended');
      expect(await ended(runId)).toBe('CONTINUED_AS_NEW');
      expect(await readProviderHealth(client, taskQueue)).toBeNull();
      await reportProviderHealth(client, taskQueue, sent);
      expect(sendsOf(await untilShown(stack, () => true))).toBe(1);
    }));

  it('outlives the version of a worker on which it began', () => {
    const deployment = (buildId: string) => ({ worker: { deployment: { name: `pulse-${name}`, buildId } } });
    const name = randomUUID();
    return on(deployment('1'), async (old) => {
      const { client, taskQueue } = old;
      await makeCurrent(old, `pulse-${name}`, '1');
      await reportProviderHealth(client, taskQueue, sent);
      await untilShown(old, (shown) => sendsOf(shown) === 1);
      const { runId } = await pulseOf(old).describe();
      await on({ ...deployment('2'), taskQueue }, async () => {
        await makeCurrent(old, `pulse-${name}`, '2');
        await old.stopWorkers();
        await reportProviderHealth(client, taskQueue, sent);
        await untilShown(old, (shown) => sendsOf(shown) === 2);
        expect((await pulseOf(old).describe()).runId).toBe(runId);
      });
    });
  });

  it('is unknown while no worker answers, and known once one does', () =>
    on({ withoutWorker: true }, async (stack) => {
      const { client, taskQueue } = stack;
      await reportProviderHealth(client, taskQueue, sent);
      const timeTaken = measureProcessTime();
      expect(await stack.onward.providerHealth()).toBeNull();
      expect(timeTaken()).toBeLessThan(1_500);
      await stack.startWorker();
      expect(sendsOf(await untilShown(stack, () => true))).toBe(1);
    }));

  it('is reported by a running worker, and does not start without requests', () =>
    on({}, async (stack) => {
      await stack.stopWorkers();
      await expect(pulseOf(stack).describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
      expect(await stack.onward.providerHealth()).toBeNull();

      const stop = await stack.startWorker();
      const userId = uniqueUserId('ada');
      await startAll(stack, [userId]);
      await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      await stop();
      expect((await pulseOf(stack).describe()).status.name).toBe('RUNNING');
    }));
});

/** As `temporal worker deployment set-current-version` does; the version is known once a worker of it polls. */
function makeCurrent({ client }: Stack, deploymentName: string, buildId: string): Promise<object> {
  const current = { namespace: client.options.namespace, deploymentName, buildId, identity: 'test' };
  const set = () => client.workflowService.setWorkerDeploymentCurrentVersion(current).catch(() => undefined);
  return waitUntil(set, `version ${buildId} is current`);
}
