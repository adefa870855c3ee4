import type { Client } from '@temporalio/client';
import { sendUpdate, CLOSED } from '../../client/journeys/idempotent-update.ts';
import { CoolingDown, InvalidState, TooManyCommands, Unavailable } from '../../client/errors.ts';
import { ended, invalidState, unanswered, previewCommand } from '../../client/journeys/preview-command.ts';
import type { CommandOutcome } from '../../client/journeys/preview-command.ts';
import type { BatchRequest, UserOutcome } from '../../workflows/bulk-operation/contract.ts';

/** How long to wait for the reply of one journey. */
const UPDATE_TIMEOUT_MS = 10_000;

/** Creates a function that sends a command to a user's journey, or previews it in a dry run, and returns the outcome. */
export function createCommandSender(client: Client, request: BatchRequest): (userId: string) => Promise<UserOutcome> {
  const { command, policy, asOf, dryRun } = request;
  const preview = { command, asOf, ...(policy !== undefined && { policy }) };
  const sendOrPreview = (userId: string) =>
    dryRun ? previewCommand(client, userId, preview) : sendCommandToUser(client, userId, request);
  return async (userId) => ({ userId, ...(await sendOrPreview(userId)) });
}

async function sendCommandToUser(client: Client, userId: string, request: BatchRequest): Promise<CommandOutcome> {
  const { id, command, by, reason, asOf } = request;
  const role = by.role === 'app' ? by.role : 'operator';
  // The key makes a retried batch send each journey the command only once.
  const caller = { role, name: by.name, idempotencyKey: `operation:${id}` } as const;
  try {
    const reply =
      command === 'adoptPolicy'
        ? await sendUpdate(client, userId, command, { reason, policy: policyOf(request) }, caller, UPDATE_TIMEOUT_MS)
        : await sendUpdate(client, userId, command, { reason, asOf }, caller, UPDATE_TIMEOUT_MS);
    return reply === CLOSED ? await ended(client, userId, command) : reply.preview;
  } catch (error) {
    if (error instanceof CoolingDown) return { outcome: 'limited', until: error.retryAt.toISOString(), why: null };
    if (error instanceof InvalidState) return invalidState(error.message);
    if (error instanceof TooManyCommands) return unanswered;
    if (error instanceof Unavailable && (error.afterDeadline || error.isWorkflowTaskFailing)) return unanswered;
    throw error;
  }
}

function policyOf({ policy }: BatchRequest) {
  if (policy === undefined) throw new Error('the operation has no policy to adopt');
  return policy;
}
