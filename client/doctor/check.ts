/** The checks in their order: each needs those before it. */
export const checkNames = [
  'temporal',
  'namespace',
  'searchAttributes',
  'retention',
  'journeys',
  'journeyPollers',
  'sendPollers',
  'checkPollers',
  'worker',
  'encryptionKeys',
  'provider',
  'clock',
] as const;
export type CheckName = (typeof checkNames)[number];

/** One thing that was looked at. */
export interface Check {
  readonly name: CheckName;
  /** `skipped`: it could not be looked at, because something before it is wrong. */
  readonly ok: boolean | 'skipped';
  /** What was found, in plain words. */
  readonly found: string;
  /** What to do about it; `null` where there is nothing to do. */
  readonly mend: string | null;
}

export function good(name: CheckName, found: string): Check {
  return { name, ok: true, found, mend: null };
}

export function bad(name: CheckName, found: string, mend: string): Check {
  return { name, ok: false, found, mend };
}

export function skipped(name: CheckName, found: string): Check {
  return { name, ok: 'skipped', found, mend: null };
}
