import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { RETENTION_DAYS } from '../../../client/temporal/namespace.ts';
import { setup } from '../../../client/temporal/setup.ts';
import { RECOVERY_SCHEDULE } from '../../../workflows/recovery/contract.ts';

const namespace = 'default';
const TIMEOUT_MS = 60_000;

/** Waits until a server answers. Throws if it exits, or does not answer within a minute. */
export async function waitUntilServing(address: string, exited: AbortSignal): Promise<void> {
  await withClient(address, ({ workflowService }) => retry(() => workflowService.getClusterInfo({}), exited));
}

/** Creates the namespace with `setup`, as an operator does, and deletes recovery's Schedule: a test that needs it creates it. */
export async function createNamespace(address: string): Promise<void> {
  await withClient(address, async (client) => {
    const seconds = RETENTION_DAYS * 24 * 3_600;
    const workflowExecutionRetentionPeriod = proto.google.protobuf.Duration.fromObject({ seconds });
    await retry(() => client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }));
    // A server refreshes its cache of namespaces and search attributes only every few seconds.
    await retry(() => client.workflow.count());
    await retry(() => setup(client));
    await retry(() => client.workflow.count("OnboardingState = 'done' AND OnboardingSince IS NULL"));
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

async function retry(call: () => Promise<unknown>, exited?: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; ;) {
    try {
      return void (await call());
    } catch (error) {
      if (exited?.aborted === true || Date.now() > deadline) throw error;
      await pause(200);
    }
  }
}
