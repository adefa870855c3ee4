import type { Client } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { EnvelopeError } from '../../workflows/engine/core/envelope.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { formatUtc } from './provider-trouble.ts';
import { describeSchedule, isPaused, noteFor, planFromDescription } from '../recovery/schedule.ts';

/** Who paused recovery, why and since when; `null` if unknown. */
export interface RecoveryPause {
  readonly by: string | null;
  readonly reason: string | null;
  /** RFC 3339. */
  readonly since: string | null;
}

/** Whether recovery runs, is paused, or has not been set up. */
export type RecoveryState = 'running' | 'missing' | RecoveryPause;

/** Reads whether recovery is paused. Needs no worker. */
export async function readRecoveryState(client: Client): Promise<RecoveryState> {
  try {
    const described = await describeSchedule(client);
    if (described === undefined) return 'missing';
    const { paused, note } = described.state;
    const { order } = planFromDescription(described);
    if (!isPaused(described, order)) return 'running';
    const act = order.acts.paused;
    // Temporal's own tools can pause a Schedule too, and replace the note.
    const isOperators = !paused || (act !== null && note === noteFor('paused', act));
    if (act !== null && isOperators) return { by: act.by.name, reason: act.reason, since: act.at };
    return { by: null, reason: note ?? null, since: described.info.lastUpdatedAt?.toISOString() ?? null };
  } catch (error) {
    if (error instanceof ValueError || error instanceof EnvelopeError) return readEncrypted(client);
    throw error;
  }
}

/** Reads the unencrypted note, for a process without the key of the Schedule's input, and where that is not authentic. */
async function readEncrypted(client: Client): Promise<RecoveryState> {
  const { namespace } = client.options;
  const { schedule } = await client.workflowService.describeSchedule({ namespace, scheduleId: RECOVERY_SCHEDULE });
  if (schedule?.state?.paused !== true) return 'running';
  return { by: null, reason: schedule.state.notes ?? null, since: null };
}

/** Describes the pause in one line: who, since when, why, how many wait, what to do. */
export function describePause({ by, reason, since }: RecoveryPause, stalled: string): string {
  const who = by === null ? ' outside Onward' : ` by ${by}`;
  const when = since === null ? '' : ` since ${formatUtc(since)}`;
  const why = reason === null || reason === '' ? '' : ` ("${reason}")`;
  return `recovery is paused${who}${when}${why}: nothing retries ${stalled}; ${RESUME_ADVICE}`;
}

export const RESUME_ADVICE = 'resume it with `onward recovery resume <why>`';
