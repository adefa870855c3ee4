import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';

export interface Wanted {
  readonly searchAttributes: readonly string[];
  /** How long ended workflows are kept, in milliseconds. */
  readonly retention: number;
}

const namespace = 'default';

/**
 * Waits until a server answers, with its namespace as wanted. Throws with what was last missing when the server is gone,
 * or not ready within 30 s.
 */
export async function untilReady(address: string, wanted: Wanted, gone: AbortSignal): Promise<void> {
  const connection = Connection.lazy({
    address,
    // We repeat the question ourselves, and sooner than gRPC would connect anew.
    interceptors: [],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 200 },
  });
  try {
    await repeat(() => connection.withDeadline(Date.now() + 2000, () => prepare(connection, wanted)), gone);
  } finally {
    await connection.close();
  }
}

async function repeat(attempt: () => Promise<void>, gone: AbortSignal): Promise<void> {
  // A plain deadline: Node 20 forgets an `AbortSignal.timeout` inside an `AbortSignal.any`.
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const end = gone.aborted ? why(gone.reason) : Date.now() > deadline && 'it was not ready within 30 s';
      if (end) throw new Error(`${end} (last answer: ${why(error)})`, { cause: error });
      await pause(50);
    }
  }
}

async function prepare(connection: Connection, { searchAttributes, retention }: Wanted): Promise<void> {
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
  if (missing.length > 0) throw new Error(`no search attribute ${missing.join(', ')}`);
}

function why(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
