import type { OperationOrder, OperationShown } from '../../../workflows/operation/contract.ts';
import type { Telling } from '../../../workflows/status-change.ts';

export * from '../../../workflows/index.ts';

/** A change that does nothing any more. */
export async function statusChange(_telling: Telling): Promise<void> {}

/** A change that fails. */
export async function operation(_order: OperationOrder): Promise<OperationShown> {
  throw new Error('no such operation any more');
}

/** A change that waits for nothing any more. */
export async function pulse(): Promise<void> {}
