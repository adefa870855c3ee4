import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { RETENTION_DAYS } from '../../client/namespace.ts';
import { setup } from '../../client/setup.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';

const namespace = 'default';
const PATIENCE = 60_000;

/** Waits until a server answers. Throws when it has ended, or does not within a minute. */
export async function untilServing(address: string, gone: AbortSignal): Promise<void> {
  await withClient(address, ({ workflowService }) => insist(() => workflowService.getClusterInfo({}), gone));
}

/** Makes the namespace, by `setup` as an operator does, and takes recovery's Schedule away again: whoever wants one makes it. */
export async function makeNamespace(address: string): Promise<void> {
  await withClient(address, async (client) => {
    const seconds = RETENTION_DAYS * 24 * 3_600;
    const workflowExecutionRetentionPeriod = proto.google.protobuf.Duration.fromObject({ seconds });
    await insist(() => client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }));
    // A server looks for new namespaces, and for new search attributes, every few seconds only.
    await insist(() => client.workflow.count());
    await insist(() => setup(client));
    await insist(() => client.workflow.count("OnboardingState = 'done' AND OnboardingSince IS NULL"));
    await client.schedule.getHandle(RECOVERY_SCHEDULE).delete();
  });
}

async function withClient(address: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const connection = Connection.lazy({ address, interceptors: [] });
  try {
    await use(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

async function insist(ask: () => Promise<unknown>, gone?: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; ;) {
    try {
      return void (await ask());
    } catch (error) {
      if (gone?.aborted === true || Date.now() > deadline) throw error;
      await pause(200);
    }
  }
}
