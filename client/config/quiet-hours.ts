import { tzOffset, tzScan } from '@date-fns/tz';
import { DAY, HOUR, MINUTE } from '../../workflows/journey/policy/policy.ts';
import type { QuietHours, ZoneOffset } from '../../workflows/journey/policy/policy.ts';

/** The quiet hours of the policy file. */
export interface QuietHoursSetting {
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
  /** The IANA name of a time zone, for users without a known time zone. */
  readonly timeZone: string;
}

/** A journey that is stalled or paused outlives its `journeyLife`. After this time the last offset holds. */
const COVERED_MS = 3 * 365 * DAY;
const REFRESHED_AFTER_MS = DAY;
/** Time zones change their clocks only at multiples of this time. */
const CHANGE_STEP_MS = 15 * MINUTE;

/** Whether this is the IANA name of a time zone, such as `Europe/London`. An offset such as `+02:00` is not one. */
export function isTimeZone(name: string): boolean {
  return /^[A-Za-z]/.test(name) && !Number.isNaN(tzOffset(name, new Date(0)));
}

/** The quiet hours of new journeys. Caches the offsets of the requested time zones. */
export class QuietHoursResolver {
  readonly #setting: QuietHoursSetting;
  readonly #zones = new Map<string, { readonly at: number; readonly offsets: QuietHours['offsets'] }>();

  constructor(setting: QuietHoursSetting) {
    this.#setting = setting;
  }

  /**
   * Returns the quiet hours of a journey that starts at this time.
   *
   * @param timeZone the user's; an unknown one is replaced by that of the policy
   * @param at milliseconds since 1970
   */
  resolve(timeZone: string | undefined, at = Date.now()): QuietHours {
    const { from, to, timeZone: fallback } = this.#setting;
    const zone = timeZone !== undefined && isTimeZone(timeZone) ? timeZone : fallback;
    const known = this.#zones.get(zone);
    if (known !== undefined && at < known.at + REFRESHED_AFTER_MS) return { from, to, offsets: known.offsets };
    const offsets = offsetsOf(zone, at);
    this.#zones.set(zone, { at, offsets });
    return { from, to, offsets };
  }
}

function offsetsOf(zone: string, at: number): QuietHours['offsets'] {
  const start = Math.floor(at / HOUR) * HOUR;
  const changes = tzScan(zone, { start: new Date(start), end: new Date(start + COVERED_MS) });
  const first: ZoneOffset = { from: start, minutes: tzOffset(zone, new Date(start)) };
  return [
    first,
    ...changes.map(({ date, offset }) => ({ from: changeAt(zone, date.getTime(), offset), minutes: offset })),
  ];
}

/** Returns the exact time of a change, in milliseconds since 1970: `tzScan` checks only every hour. */
function changeAt(zone: string, found: number, offset: number): number {
  let at = found;
  while (at > found - HOUR && tzOffset(zone, new Date(at - CHANGE_STEP_MS)) === offset) at -= CHANGE_STEP_MS;
  return at;
}
