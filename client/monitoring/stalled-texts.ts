import type { StallReason } from '../../workflows/journey/stall-reasons.ts';
import type { TroubleKind } from '../../workflows/provider-health/contract.ts';
import type { ProviderHealth } from './provider-health.ts';
import { RESUME_ADVICE } from './recovery-pause.ts';
import type { RecoveryState } from './recovery-pause.ts';

/** Descriptions of stalls that recovery retries: a failure of the provider, or of single users. */

export type StalledKind = 'credentials' | 'providerAway' | 'rateLimited';

interface Text {
  readonly reason: StallReason;
  /** The troubles of the provider that explain such stalls. */
  readonly troubles: readonly TroubleKind[];
  readonly now: string;
  readonly past: string;
  readonly until: string;
  readonly action: string | null;
  /** The action that helps, besides waiting for recovery. */
  readonly hint: string;
}

const texts: { readonly [K in StalledKind]: Text } = {
  credentials: {
    reason: 'credentials',
    troubles: ['keyRefused'],
    now: 'the provider refuses the enterprise key',
    past: 'refused the enterprise key',
    until: 'once the key works',
    action: 'correct ENTERPRISE_API_KEY of the workers and restart them',
    hint: '',
  },
  providerAway: {
    reason: 'providerUnavailable',
    troubles: ['silent', 'failing', 'unknown'],
    now: 'the provider is unavailable',
    past: 'gave no usable reply',
    until: 'once it is back',
    action: 'wait until sFOX is back: recovery tries a canary, then the others (onward recovery status)',
    hint: '',
  },
  rateLimited: {
    reason: 'rateLimited',
    troubles: ['rateLimited'],
    now: 'the provider limits our requests (429)',
    past: 'limited our requests (429)',
    until: 'once it accepts requests again',
    action: 'lower `rates` in the policy file (ONWARD_POLICY) of the workers and restart them',
    hint: '; lower `rates` in the policy file if it repeats',
  },
};

/** From this number of stalled users on, the provider is the cause. */
const MIN_USERS = 3;
/** How recent a good reply must be to show that the provider answers others. */
const LATELY_MS = 5 * 60_000;

export interface StallDescription {
  readonly description: string;
  readonly since: string | null;
  readonly action: string | null;
}

/**
 * Describes why journeys of a kind are stalled. If only a few users stall while the provider answers others, the description
 * says that the cause lies with those users.
 *
 * @param journeys how many, such as `2 journeys`
 */
export function describeStalls(
  kind: StalledKind,
  { count, journeys }: { readonly count: number; readonly journeys: string },
  { health, recovery }: { readonly health: ProviderHealth | null; readonly recovery: RecoveryState },
): StallDescription {
  const { reason, troubles, now, past, until, action, hint } = texts[kind];
  const trouble = health?.troubles.find((each) => troubles.includes(each.kind));
  const answers = trouble === undefined && isRecent(health?.lastGoodAt ?? null);
  if (trouble !== undefined || (!answers && count >= MIN_USERS)) {
    const fix = kind === 'providerAway' && recovery !== 'running' ? missing(recovery) : action;
    return {
      description: `${now}: ${journeys} stalled; ${retries(recovery, until)}${hint}`,
      since: trouble?.since ?? null,
      action: fix,
    };
  }
  const stalled = `${journeys} stalled because the provider ${past}`;
  const list = `onward list --reason ${reason}`;
  const rest = () => {
    if (!answers) return `, and nothing else was asked lately; ${retries(recovery, 'later')}: ${list}`;
    if (count < MIN_USERS) return ` for them alone, while it answers others: look at these users (${list})`;
    return `, which answers again; ${retries(recovery, 'at a pace')} (onward recovery status)`;
  };
  return { description: `${stalled}${rest()}${hint}`, since: null, action: null };
}

function isRecent(lastGoodAt: string | null): boolean {
  return lastGoodAt !== null && Date.now() - Date.parse(lastGoodAt) < LATELY_MS;
}

function retries(recovery: RecoveryState, when: string): string {
  return recovery === 'running' ? `recovery retries them ${when}` : `nothing retries them: ${missing(recovery)}`;
}

/** Why recovery does not run, and what to do about it. */
export function missing(recovery: Exclude<RecoveryState, 'running'>): string {
  return recovery === 'missing' ? 'recovery is not set up, run onward setup' : `recovery is paused, ${RESUME_ADVICE}`;
}
