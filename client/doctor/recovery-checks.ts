import type { Client } from '@temporalio/client';
import { describePause, readRecoveryState, RESUME_ADVICE } from '../monitoring/recovery-pause.ts';
import { failed, passed } from './check.ts';
import type { Check } from './check.ts';
import { runCheck } from './server-checks.ts';

/** Checks whether recovery is running. `isPaused` is true if an operator has paused it. */
export async function checkRecovery(client: Client): Promise<{ readonly check: Check; readonly isPaused: boolean }> {
  let isPaused = false;
  const check = await runCheck(client, 'recovery', async () => {
    const state = await readRecoveryState(client);
    isPaused = typeof state === 'object';
    if (typeof state === 'object') return failed('recovery', describePause(state, 'stalled journeys'), RESUME_ADVICE);
    if (state === 'running') return passed('recovery', 'it retries stalled journeys');
    return failed('recovery', 'not set up: stalled journeys are not retried', 'run: onward setup');
  });
  return { check, isPaused };
}
