import type { Client } from '@temporalio/client';
import { JourneySearch } from '../search/journey-search.ts';
import { Blockers } from '../monitoring/blockers.ts';
import type { Blocker, BlockerKind } from '../monitoring/blockers.ts';
import { groupRefusals } from '../monitoring/refusals.ts';
import type { Refusal } from '../monitoring/refusals.ts';
import { failed, passed } from './check.ts';
import type { Check } from './check.ts';
import { runCheck } from './server-checks.ts';

/** Fixes for blockers that are faults. The others wait for time, a user or an operator, or have a separate check. */
const fixes: { readonly [K in BlockerKind]?: string } = {
  codeError: 'deploy the previous version; the journeys continue from their state',
  slowReplay:
    'start more workers or give them more CPU, and leave the code as it is; the journeys continue once a replay fits into ten seconds',
  providerRefuses: 'read why (onward list --reason providerRefused), fix it at sFOX, then onward retry',
  sendBudget:
    'if the codes are wanted, raise `sendBudget` in the policy file (ONWARD_POLICY) and restart gateways and workers; otherwise revoke the token that asks for them',
  unknownUser:
    'register these users at sFOX (onward list --reason unknownUser); then a sign-up event, a start or onward recheck takes them up at once',
  unsupported:
    'ask sFOX why it does not serve these users (onward list --reason unsupported), then onward recheck, override or cancel',
};

/** Blockers that have a separate check, and an approval, which waits for a person and is not a fault. */
const checkedSeparately: ReadonlySet<BlockerKind> = new Set([
  'approval',
  'recoveryPaused',
  'webhooks',
  'noWorker',
  'keyRefused',
  'providerSilent',
  'providerFailing',
  'providerUnknown',
  'providerRateLimited',
]);

/** Checks whether journeys are blocked, and why: one finding for each blocker. */
export async function checkJourneys(client: Client, taskQueue: string): Promise<readonly Check[]> {
  const found = await runCheck<Check | readonly Check[]>(client, 'journeys', async () => {
    const { present: blockers } = await new Blockers({ client, taskQueue }).of(
      await new JourneySearch(client).counts(),
    );
    return evaluateBlockers(blockers, () => groupRefusals(client));
  });
  return [found].flat();
}

/** Evaluates the blockers of journeys. `readRefusals` is called if the provider refuses users. */
export async function evaluateBlockers(
  blockers: readonly Blocker[],
  readRefusals: () => Promise<readonly Refusal[]>,
): Promise<readonly Check[]> {
  const present = blockers.filter(({ kind }) => !checkedSeparately.has(kind));
  const isRefused = present.some(({ kind, description }) => kind === 'providerRefuses' && description !== null);
  const refusals = isRefused ? (await readRefusals()).map(describeRefusal) : [];
  const findings = present.flatMap(({ kind, description, action }): Check[] => {
    if (description === null) return [];
    const found = [description, ...(kind === 'providerRefuses' ? refusals : [])].join('; ');
    const fix = action ?? fixes[kind];
    return [{ ...(fix === undefined ? passed('journeys', found) : failed('journeys', found, fix)), code: kind }];
  });
  if (findings.length > 0) return findings;
  const isPolled = blockers.every(({ kind, description }) => kind !== 'noWorker' || description === null);
  return [passed('journeys', isPolled ? 'no journey is blocked' : 'no journey is stalled, locked or paused')];
}

const describeRefusal = ({ text, journeys }: Refusal) => `the provider said to ${journeys}: "${text}"`;
