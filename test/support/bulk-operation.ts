import type { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import type { BulkOperationRequest } from '../../client/bulk-operations/create.ts';
import { operator, waitUntil } from './stack.ts';

/** Makes the dry run that a bulk operation must name. Returns its id. */
export async function makeDryRun(operations: BulkOperations, request: BulkOperationRequest): Promise<string> {
  const { command, filter, expected, reason } = request;
  const { id } = await operations.start({ command, filter, expected, reason, dryRun: true, perSecond: 100 }, operator);
  await waitUntil(async () => (await operations.get(id)).state === 'done', 'the dry run is done');
  return id;
}
