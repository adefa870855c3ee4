import { forEachChannel } from '../../workflows/journey/channels.ts';
import { DAY, defaultPolicy, HOUR, MINUTE } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { defaultEventRules } from './event-rules.ts';
import type { EventRules } from './event-rules.ts';
import type { QuietHoursSetting } from './quiet-hours.ts';
import type { SendBudget } from '../../workflows/provider-health/code-counts.ts';
import type { UserIdRule } from '../validation.ts';

/** Requests per second to the provider, of all workers together. */
export interface Rates {
  readonly sendsPerSecond: number;
  readonly checksPerSecond: number;
}

/** Both rates with a burst of one second stay below 250 requests in any 10 s: 11 × 22 = 242. */
export const defaultRates: Rates = { sendsPerSecond: 14, checksPerSecond: 8 };

/** Settings of automatic recovery. They belong to the Schedule, not to journeys. */
export interface RecoverySettings {
  /** Interval between recovery runs, in milliseconds. */
  readonly every: number;
  /** Journeys per second at the start of a run and at most. */
  readonly perSecond: number;
  readonly upToPerSecond: number;
}

export const defaultRecovery: RecoverySettings = { every: MINUTE, perSecond: 5, upToPerSecond: 20 };

/** Settings of reconciliations. They belong to the Schedule, not to journeys. */
export interface ReconcileSettings {
  /** Interval between scheduled reconciliations, in milliseconds; `null`: none is scheduled. */
  readonly every: number | null;
  /** How long a user without a journey waits for the sign-up event, in milliseconds. */
  readonly graceFor: number;
  /** Journeys per second that are started or rechecked. */
  readonly perSecond: number;
}

/** The interval if `reconcile` in the policy has none. */
export const DEFAULT_RECONCILE_INTERVAL_MS = DAY;

export const defaultReconciliation: ReconcileSettings = { every: null, graceFor: HOUR, perSecond: 20 };

/** Limits the cost of text-message pumping. Far above what the users of a product need that verifies 10,000 of them a day. */
export const defaultSendBudget: SendBudget = forEachChannel((channel) =>
  channel === 'email' ? { perHour: 10_000, perDay: 100_000 } : { perHour: 5_000, perDay: 20_000 },
);

/** Which bulk operations need the approval of a second operator. */
export interface Approvals {
  /** Those for more journeys than this. */
  readonly above: number;
  /** How long an operation waits for its approval, in milliseconds. */
  readonly within: number;
}

/** How long an operation waits if `approvals` in the policy has no `within`. */
export const DEFAULT_APPROVAL_TIME_MS = DAY;

export interface Settings {
  readonly policy: Policy;
  readonly quietHours: QuietHoursSetting | null;
  readonly rates: Rates;
  readonly userIds: UserIdRule;
  readonly events: EventRules;
  readonly recovery: RecoverySettings;
  readonly reconcile: ReconcileSettings;
  /** The most codes of all journeys together. */
  readonly sendBudget: SendBudget;
  /** `null`: no bulk operation needs an approval. */
  readonly approvals: Approvals | null;
}

export const defaultSettings: Settings = {
  policy: defaultPolicy,
  quietHours: null,
  rates: defaultRates,
  userIds: 'caseSensitive',
  events: defaultEventRules,
  recovery: defaultRecovery,
  reconcile: defaultReconciliation,
  sendBudget: defaultSendBudget,
  approvals: null,
};
