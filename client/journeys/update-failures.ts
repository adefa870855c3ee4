import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { z } from 'zod';
import type { Channel } from '../../activities/contract.ts';
import { openRefusal } from '../../workflows/engine/client.ts';
import type { Command } from '../../workflows/engine/client.ts';
import { envelopeProblems } from '../../workflows/engine/core/envelope.ts';
import type { Envelope, EnvelopeProblem } from '../../workflows/engine/core/envelope.ts';
import { updateFailureTypes } from '../../workflows/contract.ts';
import type { UpdateFailureDetails, UpdateFailureType } from '../../workflows/contract.ts';
import { steps } from '../../workflows/journey/context.ts';
import { Allowed, State, time } from '../../workflows/journey/status/status-schema.ts';
import {
  BadRequest,
  CoolingDown,
  InvalidState,
  ProviderUnavailable,
  RevisionDiffers,
  TooManyCommands,
  Unavailable,
} from '../errors.ts';
import type { OnwardError } from '../errors.ts';
import { TimelineItem } from './closed-journey.ts';
import { isBusyWorkflow, isUpdateAborted, isUpdateLimitReached, isInFlightLimit } from '../temporal/grpc-codes.ts';

/**
 * How to handle an update that Temporal, not the journey, has ended.
 *
 * - `closed`: no run accepts it, because the journey is closed or does not exist
 * - `look`: the run that had accepted it was ended from outside; describe the workflow to find out whether another run is open
 * - `retry`: nothing was executed, and the journey will accept it soon, maybe in its next run
 * - `resend`: it may have been accepted; the same request under the same update id returns its reply, or is accepted then
 */
export type UpdateEnd = 'closed' | 'look' | 'retry' | 'resend';

/** The `type` of the failure that the server gives to an accepted update whose run ends (https://github.com/temporalio/temporal, service/history/workflow/update). */
const RUN_ENDED = 'AcceptedUpdateCompletedWorkflow';

const hasFailureType = (type: string) => (error: unknown) => failureOf(error)?.type === type;

/** Every case in which Temporal ends an update without a reply from the journey. */
const updateEnds: readonly { readonly matches: (error: unknown) => boolean; readonly end: UpdateEnd }[] = [
  // Completed, expired, cancelled, terminated, timed out or deleted before the update arrived.
  { matches: (error) => error instanceof WorkflowNotFoundError, end: 'closed' },
  // Terminated, timed out, deleted or reset after the update was accepted.
  { matches: hasFailureType(RUN_ENDED), end: 'look' },
  // Continuing as new: the run accepts no more commands until its handlers have finished.
  { matches: hasFailureType('RunEnding' satisfies UpdateFailureType), end: 'retry' },
  { matches: hasFailureType('OutcomeUnrecorded' satisfies UpdateFailureType), end: 'retry' },
  { matches: isUpdateLimitReached, end: 'retry' },
  { matches: isBusyWorkflow, end: 'retry' },
  { matches: isInFlightLimit, end: 'retry' },
  { matches: isUpdateAborted, end: 'resend' },
];

/** @returns what to do, or `undefined` for any other error */
export function updateEndOf(error: unknown): UpdateEnd | undefined {
  return updateEnds.find(({ matches }) => matches(error))?.end;
}

/** Returns the failure of an update. */
function failureOf(error: unknown): ApplicationFailure | undefined {
  return error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure
    ? error.cause
    : undefined;
}

export interface RefusedUpdate {
  /** Of the request that was refused: under an idempotency key it may be an earlier one. */
  readonly requestId: string;
  readonly fingerprint: string;
  /** Whether a new request of the same content may be accepted at once. */
  readonly isRetryable: boolean;
  readonly error: OnwardError;
}

/**
 * Reads why the journey refused an update.
 *
 * @param command the update that was sent
 * @param channel the channel that the caller named
 * @returns `undefined` if the update was not ended by the journey
 */
export function refusalOf(
  error: unknown,
  command: Envelope<Command>,
  name: string,
  channel: Channel | undefined,
): RefusedUpdate | undefined {
  const refusal = openRefusal(failureOf(error)?.details, name, command.body.key);
  if (refusal === undefined) return undefined;
  const { message } = refusal;
  const type = updateFailureTypes.find((each) => each === refusal.type);
  // A worker that could not read the request does not know its id.
  const isUnread = refusal.requestId === '';
  const common = {
    requestId: isUnread ? command.id : refusal.requestId,
    fingerprint: isUnread ? command.body.fingerprint : refusal.fingerprint,
  };
  if (type === 'RequestRefused') {
    // The clocks of the process that started the journey and of this one differ a little.
    const problem = envelopeProblems.find((each) => each === refusal.details);
    return { ...common, isRetryable: problem === 'predatesWorkflow', error: refusedRequest(problem) };
  }
  if (type === undefined) {
    const error = new Unavailable(
      `the journey refused ${name} for a reason that this release does not know: ${message}`,
    );
    return { ...common, isRetryable: false, error };
  }
  const details = parseDetails(refusal.details);
  return { ...common, isRetryable: false, error: toError(type, message, details, name, channel) };
}

const Details = z.object({
  state: State,
  step: z.enum(steps).nullable(),
  allowed: Allowed,
  retryAt: time.nullable(),
  guessesLeft: z.int().nullable(),
  changed: z.object({ revision: z.int(), newest: TimelineItem.nullable() }).exactOptional(),
});

/** Parses the details of a refusal; `null` if there are none, or none that this release can read. */
const parseDetails = (details: unknown): UpdateFailureDetails | null => Details.safeParse(details).data ?? null;

function toError(
  type: Exclude<UpdateFailureType, 'RequestRefused'>,
  message: string,
  details: UpdateFailureDetails | null,
  name: string,
  channel: Channel | undefined,
): OnwardError {
  const retryAt = details === null || details.retryAt === null ? null : new Date(details.retryAt);
  switch (type) {
    case 'NotNow':
      return details === null
        ? new Unavailable(message)
        : new InvalidState(`${message}${forChannel(channel, name, details)}`, details);
    case 'RevisionDiffers':
      return details?.changed === undefined ? new Unavailable(message) : new RevisionDiffers(message, details.changed);
    case 'CoolingDown':
      return new CoolingDown(retryAt ?? new Date(), name === 'recheck' ? 'recheck' : 'send');
    case 'ProviderUnavailable':
      return new ProviderUnavailable(retryAt, details?.guessesLeft ?? null);
    case 'TooManyCommands':
      return new TooManyCommands(message, secondsUntil(retryAt));
    case 'RunEnding':
      return new Unavailable('this journey is moving to its next run; retry in a second', {
        heldUp: true,
        retryAfter: 1,
      });
    case 'OutcomeUnrecorded':
      return new Unavailable('this journey is recording a reply of the provider; retry in a second', {
        heldUp: true,
        retryAfter: 1,
      });
    case 'NotPermitted':
    case 'BadRequest':
      return new BadRequest('by', message);
  }
}

/** The journey did not accept the request as authentic and current. */
function refusedRequest(problem: EnvelopeProblem | undefined): OnwardError {
  const isClock = problem === 'predatesWorkflow' || problem === 'expired' || problem === 'fromFuture';
  return new Unavailable(
    isClock
      ? 'the journey refused the request because the clocks of the gateways and workers differ; set them by NTP'
      : `the journey refused the request as not authentic (${problem ?? 'for a reason that this release does not know'})`,
    { heldUp: true },
  );
}

function secondsUntil(time: Date | null): number {
  return Math.max(1, Math.ceil(((time?.getTime() ?? 0) - Date.now()) / 1_000));
}

/** A command that is rejected although the journey allows it was rejected for its channel. */
function forChannel(channel: Channel | undefined, name: string, { allowed }: UpdateFailureDetails): string {
  return channel !== undefined && name in allowed ? ` for ${channel}` : '';
}
