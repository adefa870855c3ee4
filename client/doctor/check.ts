import type { BlockerKind } from '../monitoring/blockers.ts';

/** The checks in order. Each one depends on those before it. */
export const checkNames = [
  'temporal',
  'namespace',
  'searchAttributes',
  'retention',
  'journeys',
  'recovery',
  'reconciliation',
  'webhooks',
  'journeyPollers',
  'sendPollers',
  'checkPollers',
  'worker',
  'encryptionKeys',
  'provider',
  'providerReplies',
  'clock',
] as const;
/** The checks of a gateway, in order. The others read Temporal and a worker. */
export const gatewayCheckNames = ['gateway', 'signUps'] as const;
export type CheckName = (typeof checkNames)[number] | (typeof gatewayCheckNames)[number];

/** One finding of a check. The check `journeys` has one for each blocker, any other check has one. */
export interface Check {
  readonly name: CheckName;
  /** Stable: the kind of the blocker, as in the summary's `blockers`; otherwise the name. */
  readonly code: CheckName | BlockerKind;
  /** `skipped` if an earlier check failed. */
  readonly ok: boolean | 'skipped';
  /** The finding, in plain language. */
  readonly found: string;
  /** How to fix it; `null` if there is nothing to do. */
  readonly fix: string | null;
}

export function passed(name: CheckName, found: string): Check {
  return { name, code: name, ok: true, found, fix: null };
}

export function failed(name: CheckName, found: string, fix: string): Check {
  return { name, code: name, ok: false, found, fix };
}

export function skipped(name: CheckName, found: string): Check {
  return { name, code: name, ok: 'skipped', found, fix: null };
}
