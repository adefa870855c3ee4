import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import { Fleet } from '../fleet/fleet.ts';
import { startSfox } from '../../../sandbox/sfox/index.ts';
import type { Sfox } from '../../../sandbox/sfox/index.ts';
import { journeyId } from '../../../workflows/contract.ts';
import { production, startOwnServer } from '../../support/own-server.ts';
import { waitUntil } from '../../support/stack.ts';

const onProduction = production === null ? describe.skip : describe;

const NAME = 'onward';
/** gRPC NOT_FOUND (no such deployment) and FAILED_PRECONDITION (not all task queues of the version are polled). */
const NOT_READY_CODES = new Set<number>([5, 9]);
const versioned = (buildId: string) => ({ TEMPORAL_DEPLOYMENT_NAME: NAME, TEMPORAL_WORKER_BUILD_ID: buildId });

onProduction('worker versions', () => {
  it('receive new journeys, also gradually, leave open journeys on their version, and can be rolled back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onward-versions-'));
    const [server, sfox] = [await startOwnServer(), await startSfox()];
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({ connection });
    const fleet = await Fleet.start({ folder, address: server.address, sfox, policy: '', workers: 0, gateways: 1 });
    try {
      await fleet.add('worker', versioned('1'));
      await makeCurrent(client, '1');
      await signUp(fleet, 'ada');
      expect(await versionOf(client, 'ada')).toBe('1');

      await fleet.add('worker', versioned('2'));
      await ramp(client, '2', 100);
      await signUp(fleet, 'bo');
      expect(await versionOf(client, 'bo')).toBe('2');
      await ramp(client, '2', 0);
      await signUp(fleet, 'dee');
      expect(await versionOf(client, 'dee')).toBe('1');

      await makeCurrent(client, '2');
      await signUp(fleet, 'eve');
      expect(await versionOf(client, 'eve')).toBe('2');
      await completeJourney(fleet, 'ada');
      expect(await versionOf(client, 'ada')).toBe('1');

      await makeCurrent(client, '1');
      await signUp(fleet, 'cy');
      expect(await versionOf(client, 'cy')).toBe('1');
      await completeJourney(fleet, 'bo');
      expect(await versionOf(client, 'bo')).toBe('2');
      await completeJourney(fleet, 'cy');
    } finally {
      await fleet.close();
      await Promise.all([connection.close(), sfox.close(), server.stop()]);
      await rm(folder, { recursive: true, force: true });
    }
  }, 300_000);
});

/** Does what `temporal worker deployment set-current-version` does. A version exists once one of its workers polls. */
function makeCurrent({ workflowService, options: { namespace } }: Client, buildId: string): Promise<object> {
  const current = { namespace, deploymentName: NAME, buildId, identity: 'test' };
  const set = () => workflowService.setWorkerDeploymentCurrentVersion(current).catch(ignoreNotReady);
  return waitUntil(set, `version ${buildId} is current`);
}

/** Does what `set-ramping-version` does: routes this percentage of new journeys to the version. */
function ramp(
  { workflowService, options: { namespace } }: Client,
  buildId: string,
  percentage: number,
): Promise<object> {
  const ramping = { namespace, deploymentName: NAME, buildId, percentage, identity: 'test' };
  const set = () => workflowService.setWorkerDeploymentRampingVersion(ramping).catch(ignoreNotReady);
  return waitUntil(set, `version ${buildId} receives ${percentage} %`);
}

function ignoreNotReady(error: unknown): undefined {
  if (isGrpcServiceError(error) && NOT_READY_CODES.has(error.code)) return;
  throw error;
}

async function versionOf(client: Client, userId: string): Promise<string | null | undefined> {
  const { raw } = await client.workflow.getHandle(journeyId(userId)).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

async function signUp(fleet: Fleet<Sfox>, userId: string): Promise<void> {
  await fleet.signUp(userId);
  await waitUntil(() => fleet.sfox.outbox(userId).length > 0, `${userId} has a code`);
}

async function completeJourney(fleet: Fleet<Sfox>, userId: string): Promise<void> {
  for (const channel of ['email', 'sms'] as const) {
    const mail = await waitUntil(
      () => fleet.sfox.outbox(userId).find((mail) => mail.channel === channel),
      `${userId} has a code by ${channel}`,
    );
    expect(await fleet.client('app').submitCode(userId, { channel, code: mail.code })).toMatchObject({
      outcome: 'verified',
    });
  }
  expect(await fleet.client('app').status(userId)).toMatchObject({ state: 'done' });
}
