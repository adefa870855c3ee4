import type { Client } from '@temporalio/client';
import { sendUpdate, CLOSED } from '../../client/journeys/idempotent-update.ts';
import { CoolingDown, InvalidState } from '../../client/errors.ts';
import { ended, invalidState, unanswered, previewCommand } from '../../client/journeys/preview-command.ts';
import type { CommandOutcome } from '../../client/journeys/preview-command.ts';
import type { BatchRequest, UserOutcome } from '../../workflows/bulk-operation/contract.ts';
import type { JourneyOperationCommand } from '../../workflows/journey/commands.ts';
import { concernsOneJourney } from './one-journey.ts';

type JourneyBatchRequest = BatchRequest & { readonly command: JourneyOperationCommand };

/** How long to wait for the reply of one journey. */
const UPDATE_TIMEOUT_MS = 10_000;

/** Creates a function that sends a command to a user's journey, or previews it in a dry run, and returns the outcome. */
export function createCommandSender(
  client: Client,
  request: JourneyBatchRequest,
): (userId: string) => Promise<UserOutcome> {
  const { command, policy, asOf, dryRun } = request;
  const preview = { command, asOf, ...(policy !== undefined && { policy }) };
  const sendOrPreview = (userId: string) =>
    dryRun ? previewCommand(client, userId, preview) : sendCommandToUser(client, userId, request);
  return async (userId) => ({ userId, ...(await sendOrPreview(userId).catch((error) => outcomeOf(error, userId))) });
}

function outcomeOf(error: unknown, userId: string): CommandOutcome {
  if (error instanceof CoolingDown) return { outcome: 'limited', until: error.retryAt.toISOString(), why: null };
  if (error instanceof InvalidState) return invalidState(error.message);
  if (concernsOneJourney(error, userId)) return unanswered;
  throw error;
}

async function sendCommandToUser(
  client: Client,
  userId: string,
  request: JourneyBatchRequest,
): Promise<CommandOutcome> {
  const { id, command, by, reason, asOf } = request;
  const role = by.role === 'app' ? by.role : 'operator';
  // The key makes a retried batch send each journey the command only once.
  const caller = { role, name: by.name, idempotencyKey: `operation:${id}` } as const;
  const reply =
    command === 'adoptPolicy'
      ? await sendUpdate(client, userId, command, { reason, policy: policyOf(request) }, caller, UPDATE_TIMEOUT_MS)
      : await sendUpdate(client, userId, command, { reason, asOf }, caller, UPDATE_TIMEOUT_MS);
  return reply === CLOSED ? ended(client, userId, command) : reply.preview;
}

function policyOf({ policy }: BatchRequest) {
  if (policy === undefined) throw new Error('the operation has no policy to adopt');
  return policy;
}
