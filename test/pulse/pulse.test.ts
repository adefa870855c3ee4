import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/common';
import { readPulse } from '../../client/pulse.ts';
import type { ProviderHealth } from '../../client/pulse.ts';
import { tellPulse } from '../../worker/pulse.ts';
import type { pulse } from '../../workflows/pulse/pulse.ts';
import { PULSE_TYPE, pulseId } from '../../workflows/pulse/contract.ts';
import type { Tries } from '../../workflows/pulse/contract.ts';
import { silent } from '../../workflows/pulse/minutes.ts';
import { eventually, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack, StackOptions } from '../support/stack.ts';

const sent: Tries = { sends: 1, replies: { '2xx': 1 } };

async function on(options: StackOptions, tell: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack(options);
  try {
    await tell(stack);
  } finally {
    await stack.close();
  }
}

/** Waits until the pulse of a stack shows this. */
const untilShown = ({ client, taskQueue }: Stack, is: (health: ProviderHealth) => boolean) =>
  eventually(async () => {
    const health = await readPulse(client, taskQueue);
    return health !== null && is(health) && health;
  }, 'the pulse shows it');

const pulseOf = ({ client, taskQueue }: Stack) => client.workflow.getHandle<typeof pulse>(pulseId(taskQueue));
const sendsOf = ({ minutes }: ProviderHealth) => minutes.reduce((all, { sends }) => all + sends, 0);
const startAll = ({ onward }: Stack, users: readonly string[]) =>
  Promise.all(users.map((userId) => onward.start(userId, { accountType: 'individual' })));

describe("the provider's pulse", () => {
  it('tells what all workers together have had from it', () =>
    // Two workers of one task queue, each with a provider of its own, which tells what that one has asked.
    on({}, (one) =>
      on({ taskQueue: one.taskQueue }, async (other) => {
        const crowd = Array.from({ length: 40 }, (_, nth) => user(`crowd${nth}`));
        await startAll(one, crowd);
        for (const userId of crowd) await untilAt(one, userId, 'emailPending.awaitingCode');
        const asked = [one, other].map(({ sfox }) => sfox.requests().length);
        expect(Math.min(...asked)).toBeGreaterThan(0);
        const health = await untilShown(one, (shown) => sendsOf(shown) >= crowd.length);
        expect(sendsOf(health)).toBe(crowd.length);
        expect(health.replies).toMatchObject({ '2xx': asked.reduce((all, count) => all + count), '5xx': 0 });
        expect(Math.abs(Date.now() - Date.parse(health.lastGoodAt ?? ''))).toBeLessThan(60_000);
        expect(await one.onward.providerHealth()).toMatchObject({ replies: health.replies });
      }),
    ));

  it('shows an outage by its class of reply, and by no good one', () =>
    on({}, async (stack) => {
      stack.sfox.outage(true);
      const userId = user('stranded');
      await startAll(stack, [userId]);
      await untilAt(stack, userId, 'emailPending.stalled');
      const health = await untilShown(stack, ({ replies }) => replies['5xx'] > 0);
      expect(health).toMatchObject({ lastGoodAt: null, replies: { '2xx': 0, '5xx': stack.sfox.requests().length } });
    }));

  it('goes on where it was when it continues as new', () =>
    on({}, async (stack) => {
      const { client, taskQueue } = stack;
      await tellPulse(client, taskQueue, sent);
      const { runId: first } = await pulseOf(stack).describe();
      for (let nth = 0; nth < 600; nth += 50) {
        await Promise.all(Array.from({ length: 50 }, () => tellPulse(client, taskQueue, sent)));
      }
      await eventually(async () => (await pulseOf(stack).describe()).runId !== first, 'it has continued as new');
      await tellPulse(client, taskQueue, { sends: 0, replies: { unknown: 1 } });
      const health = await untilShown(stack, ({ replies }) => replies.unknown === 1);
      expect(health).toMatchObject({ replies: { '2xx': 601 } });
      expect(sendsOf(health)).toBe(601);
    }));

  it('ends once nothing was told for as long as it lasts, and begins anew with what is told next', () =>
    on({}, async (stack) => {
      const { client, taskQueue } = stack;
      const workflowId = pulseId(taskQueue);
      await client.workflow.start<typeof pulse>(PULSE_TYPE, { workflowId, taskQueue, args: [silent, 1_000] });
      const { runId } = await pulseOf(stack).describe();
      await tellPulse(client, taskQueue, sent);
      const ended = async (id?: string) => (await client.workflow.getHandle(workflowId, id).describe()).status.name;
      await eventually(async () => (await ended()) === 'COMPLETED', 'nothing was told');
      expect(await ended(runId)).toBe('CONTINUED_AS_NEW');
      expect(await readPulse(client, taskQueue)).toBeNull();
      await tellPulse(client, taskQueue, sent);
      expect(sendsOf(await untilShown(stack, () => true))).toBe(1);
    }));

  it('outlives the version of a worker on which it began', () => {
    const deployment = (buildId: string) => ({ worker: { deployment: { name: `pulse-${name}`, buildId } } });
    const name = randomUUID();
    return on(deployment('1'), async (old) => {
      const { client, taskQueue } = old;
      await makeCurrent(old, `pulse-${name}`, '1');
      await tellPulse(client, taskQueue, sent);
      await untilShown(old, (shown) => sendsOf(shown) === 1);
      const { runId } = await pulseOf(old).describe();
      await on({ ...deployment('2'), taskQueue }, async () => {
        await makeCurrent(old, `pulse-${name}`, '2');
        await old.stopWorkers();
        await tellPulse(client, taskQueue, sent);
        await untilShown(old, (shown) => sendsOf(shown) === 2);
        expect((await pulseOf(old).describe()).runId).toBe(runId);
      });
    });
  });

  it('is unknown while no worker answers, and known once one does', () =>
    on({ withoutWorker: true }, async (stack) => {
      const { client, taskQueue } = stack;
      await tellPulse(client, taskQueue, sent);
      const asked = Date.now();
      expect(await stack.onward.providerHealth()).toBeNull();
      expect(Date.now() - asked).toBeLessThan(1_500);
      await stack.startWorker();
      expect(sendsOf(await untilShown(stack, () => true))).toBe(1);
    }));

  it('is told by a worker as it goes, and does not begin where nothing was tried', () =>
    on({}, async (stack) => {
      await stack.stopWorkers();
      await expect(pulseOf(stack).describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
      expect(await stack.onward.providerHealth()).toBeNull();

      const stop = await stack.startWorker();
      const userId = user('ada');
      await startAll(stack, [userId]);
      await untilAt(stack, userId, 'emailPending.awaitingCode');
      await stop();
      expect((await pulseOf(stack).describe()).status.name).toBe('RUNNING');
    }));
});

/** As `temporal worker deployment set-current-version` does; the version is known once a worker of it polls. */
function makeCurrent({ client }: Stack, deploymentName: string, buildId: string): Promise<object> {
  const current = { namespace: client.options.namespace, deploymentName, buildId, identity: 'test' };
  const set = () => client.workflowService.setWorkerDeploymentCurrentVersion(current).catch(() => undefined);
  return eventually(set, `version ${buildId} is current`);
}
