import type { Client } from '@temporalio/client';
import type { ActivitySerializationContext, WorkflowSerializationContext } from '@temporalio/common';

/** Context for payloads of a workflow that the SDK does not decode itself; see `createEncryptionCodec`. */
export function workflowContext({ options }: Client, workflowId = ''): WorkflowSerializationContext {
  return { type: 'workflow', namespace: options.namespace, workflowId };
}

/** Context for payloads of an activity, by its id in the workflow. */
export function activityContext(
  { options }: Client,
  workflowId: string,
  activityId = '',
): ActivitySerializationContext {
  return { type: 'activity', namespace: options.namespace, workflowId, activityId, isLocal: false };
}
