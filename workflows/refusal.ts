import { ApplicationFailure } from '@temporalio/workflow';
import type { Asked, Refusal, RefusalType } from './contract.ts';
import type { Command } from './events.ts';
import { notAllowed, opensLater } from './forecast.ts';
import { allowedIn, placeOf, time } from './status.ts';
import type { Snapshot } from './step.ts';

/** Why the machine does not take a command. */
export function refusalOf(snapshot: Snapshot, asked: Asked, command: Command): ApplicationFailure {
  const opensAt = opensLater(snapshot, command);
  if (opensAt === undefined) return failure(snapshot, asked, 'NotNow', notAllowed(snapshot, command), null);
  return failure(snapshot, asked, 'CoolingDown', `${command.type} opens at ${time(opensAt)}`, opensAt);
}

/** A code that the provider did not judge; it may name a time. */
export function notJudged(snapshot: Snapshot, asked: Asked, retryAt: number | null): ApplicationFailure {
  return failure(snapshot, asked, 'ProviderUnavailable', 'the provider did not judge the code', retryAt);
}

function failure(
  snapshot: Snapshot,
  { fingerprint, nonce }: Asked,
  type: RefusalType,
  message: string,
  retryAt: number | null,
): ApplicationFailure {
  const refusal: Refusal = {
    fingerprint,
    nonce,
    ...placeOf(snapshot),
    allowed: allowedIn(snapshot),
    retryAt: retryAt === null ? null : time(retryAt),
  };
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [refusal] });
}
