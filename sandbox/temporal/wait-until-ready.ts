import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';

export interface ExpectedNamespace {
  readonly searchAttributes: readonly string[];
  /** Retention of closed workflows, in milliseconds. */
  readonly retention: number;
}

const namespace = 'default';

/**
 * Waits until a server answers and its namespace is as expected. Throws with the last error if the server exits or is not ready
 * within 30 s.
 */
export async function waitUntilReady(address: string, wanted: ExpectedNamespace, exited: AbortSignal): Promise<void> {
  const connection = Connection.lazy({
    address,
    // The calls are retried here, sooner than gRPC would reconnect.
    interceptors: [],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 },
  });
  try {
    await repeat(() => connection.withDeadline(Date.now() + 2000, () => prepare(connection, wanted)), exited);
  } finally {
    await connection.close();
  }
}

async function repeat(attempt: () => Promise<void>, exited: AbortSignal): Promise<void> {
  // Not `AbortSignal.timeout`: inside an `AbortSignal.any`, Node 20 may garbage-collect it.
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const end = exited.aborted ? why(exited.reason) : Date.now() > deadline && 'it was not ready within 30 s';
      if (end) throw new Error(`${end} (last error: ${why(error)})`, { cause: error });
      await pause(50);
    }
  }
}

async function prepare(connection: Connection, { searchAttributes, retention }: ExpectedNamespace): Promise<void> {
  const { workflowService, operatorService } = connection;
  const { config } = await workflowService.describeNamespace({ namespace });
  if (optionalTsToMs(config?.workflowExecutionRetentionTtl) !== retention) {
    await workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retention) },
    });
  }
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributes.filter((name) => !(name in customAttributes));
  if (missing.length > 0) throw new Error(`the namespace lacks search attributes: ${missing.join(', ')}`);
}

function why(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
