import type { AdoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../workflows/journey/policy/policy.ts';
import type { QuietHours } from '../../workflows/journey/policy/policy.ts';

/** A key of two policies, side by side. */
export interface PolicyRow {
  readonly key: string;
  /** In the policy of new journeys. */
  readonly present: string;
  /** In the policy of the what-if. */
  readonly whatIf: string;
}

/** Compares the policy of new journeys with another one, key by key, as a policy file has them. */
export function policyRows(present: AdoptablePolicy, whatIf: AdoptablePolicy): PolicyRow[] {
  const [ours, theirs] = [valuesOf(present), valuesOf(whatIf)];
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  return keys.map((key) => ({ key, present: ours[key] ?? '', whatIf: theirs[key] ?? '' }));
}

function valuesOf({ sends, guesses, commands, automaticSends, cooldowns, smsStart, ...durations }: AdoptablePolicy) {
  const counts = { sends, guesses, commands: commands ?? {} };
  return Object.fromEntries<string>([
    ...(smsStart === undefined ? [] : [['smsStart', smsStart] as const]),
    ['cooldowns', cooldowns.map(duration).join(', ')],
    ...Object.entries(durations).map(([key, value]) => [key, duration(value)] as const),
    ...Object.entries(counts).flatMap(([group, limits]) =>
      Object.entries(limits).map(([key, count]) => [`${group}.${key}`, String(count)] as const),
    ),
    ['automaticSends.notAfter', duration(automaticSends.notAfter)],
    ['automaticSends.quietHours', hours(automaticSends.quietHours)],
  ]);
}

const units = [
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
] as const;

/** Formats a duration in the largest unit that divides it. */
function duration(span: number): string {
  const [size, unit] = units.find(([each]) => span % each === 0 && span >= each) ?? [];
  if (size !== undefined) return `${span / size} ${unit}${span === size ? '' : 's'}`;
  return span % SECOND === 0 ? `${span / SECOND} s` : `${span} ms`;
}

function hours(quietHours: QuietHours | null): string {
  if (quietHours === null) return 'none';
  const time = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${time(quietHours.from)} to ${time(quietHours.to)}`;
}
