import type { Client } from '@temporalio/client';
import type { ActivitySerializationContext, WorkflowSerializationContext } from '@temporalio/common';

/** Whose payloads are read, for what the SDK does not read itself; see `createEncryption`. */
export function ofWorkflow({ options }: Client, workflowId = ''): WorkflowSerializationContext {
  return { type: 'workflow', namespace: options.namespace, workflowId };
}

/** Whose payloads are read: an activity's, by its number in the workflow. */
export function ofActivity({ options }: Client, workflowId: string, activityId = ''): ActivitySerializationContext {
  return { type: 'activity', namespace: options.namespace, workflowId, activityId, isLocal: false };
}
