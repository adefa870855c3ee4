import { WorkflowFailedError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { attributes, ENDING_MEMO, EXPIRED, journeyId, userOf } from '../workflows/contract.ts';
import type { Ending } from '../workflows/contract.ts';
import type { AccountType, StallReason } from '../workflows/context.ts';
import type { onboarding } from '../workflows/onboarding.ts';
import type { State, Status } from '../workflows/status.ts';

/** What each end of an execution means: its number (temporal.api.enums.v1.WorkflowExecutionStatus) and its name in visibility. */
const ends: readonly { readonly state: State; readonly code: number; readonly name: string }[] = [
  { state: 'done', code: 2, name: 'Completed' },
  { state: 'expired', code: 3, name: 'Failed' },
  { state: 'cancelled', code: 4, name: 'Canceled' },
  { state: 'cancelled', code: 5, name: 'Terminated' },
];

/** The state of an execution that has ended; `undefined` while it is open. */
export function endState(code: number | null | undefined): State | undefined {
  return ends.find((end) => end.code === code)?.state;
}

/** How visibility names the executions that ended in this state; none for a state of open ones. */
export function endNames(state: State): string[] {
  return ends.filter((end) => end.state === state).map(({ name }) => name);
}

/** What an ended journey left behind; `undefined` where it was cut off from outside and left nothing. No worker is needed. */
export async function readEnding(client: Client, userId: string): Promise<Ending | undefined> {
  const handle = client.workflow.getHandle<typeof onboarding>(journeyId(userId));
  try {
    return await handle.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (error.cause instanceof ApplicationFailure && error.cause.type === EXPIRED) {
      return error.cause.details?.[0] as Ending;
    }
    const { memo } = await handle.describe();
    return memo?.[ENDING_MEMO] as Ending | undefined;
  }
}

/**
 * What the server itself knows of a journey, without a worker: place, stall and times; the rest is `null`.
 * One that is cancelled and has yet to end says so in its memo: a caller was told already.
 */
export function statusFromServer(described: WorkflowExecutionDescription): Status {
  const cancelled = described.memo?.[ENDING_MEMO] as Ending | undefined;
  if (cancelled !== undefined) return { ...cancelled.status, live: false };
  const { typedSearchAttributes: listed, startTime, closeTime, status } = described;
  const ended = endState(status.code);
  const since = listed.get(attributes.since)?.toISOString() ?? startTime.toISOString();
  const reason = listed.get(attributes.reason) as StallReason | undefined;
  const open = ended === undefined;
  return {
    userId: userOf(described.workflowId),
    accountType: (listed.get(attributes.account) as AccountType | undefined) ?? null,
    state: ended ?? (listed.get(attributes.state) as State | undefined) ?? 'emailPending',
    step: open ? ((listed.get(attributes.step) as Status['step'] | undefined) ?? null) : null,
    revision: null,
    live: false,
    startedAt: startTime.toISOString(),
    updatedAt: closeTime?.toISOString() ?? since,
    expiresAt: null,
    email: null,
    sms: null,
    stalled: open && reason !== undefined ? { reason, since, detail: null, nextRetryAt: null } : null,
    allowed: null,
  };
}
