import { continueAsNew, uuid4, workflowInfo } from '@temporalio/workflow';
import { initialStep, seal, storeState } from '../../workflows/engine/index.ts';
import { orderModel } from './order-machine.ts';
import { order as readable } from './order.ts';

/** An order whose first run hands on its keys in a way that the next one cannot read. */
export async function order(payload: unknown): Promise<unknown> {
  const { continuedFromExecutionRunId, runId, workflowId } = workflowInfo();
  if (continuedFromExecutionRunId !== undefined) return readable(payload);
  const at = Date.now();
  const { state } = initialStep(orderModel, { orderId: workflowId, amount: 10, approveWithin: 600_000, at }, at);
  const gate = { notBefore: 0, seen: {} };
  const body = { runId, stored: storeState(orderModel, state), handled: 'none', gate, constants: null };
  return continueAsNew(seal('continue:order', uuid4(), at, body));
}
