import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { QuietHoursResolver } from '../../../client/config/quiet-hours.ts';
import { DAY, HOUR, MINUTE } from '../../../workflows/journey/policy/policy.ts';
import { quietHoursEnd } from '../../../workflows/journey/limits/quiet-hours.ts';

const START = Date.UTC(2026, 0, 1);
const zones = ['Europe/London', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Santiago', 'UTC'];

/** The local minute of the day, by the time zone data of the engine. */
function localMinute(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
  return Number(parts.slice(0, 2)) * 60 + Number(parts.slice(3));
}

function isQuiet(at: number, { from, to, timeZone }: { from: number; to: number; timeZone: string }): boolean {
  const minute = localMinute(at, timeZone);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

const end = (setting: { from: string; to: string; timeZone: string }, at: string) => {
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const resolver = new QuietHoursResolver({ ...setting, from: minutes(setting.from), to: minutes(setting.to) });
  return new Date(quietHoursEnd(resolver.resolve(undefined, START), Date.parse(at))).toISOString();
};

describe('quiet hours', () => {
  const london = { from: '21:00', to: '08:00', timeZone: 'Europe/London' };

  it.each([
    ['before they begin', '2026-01-05T20:59:59.999Z', '2026-01-05T20:59:59.999Z'],
    ['as they begin', '2026-01-05T21:00:00.000Z', '2026-01-06T08:00:00.000Z'],
    ['after midnight', '2026-01-06T03:12:34.567Z', '2026-01-06T08:00:00.000Z'],
    ['as they end', '2026-01-06T08:00:00.000Z', '2026-01-06T08:00:00.000Z'],
    ['in summer', '2026-07-01T20:00:00.000Z', '2026-07-02T07:00:00.000Z'],
    ['in the night in which the clocks go forward', '2026-03-28T23:00:00.000Z', '2026-03-29T07:00:00.000Z'],
    ['in the night in which they go back', '2026-10-24T21:00:00.000Z', '2026-10-25T08:00:00.000Z'],
  ])('end at the right time %s', (_, at, expected) => expect(end(london, at)).toBe(expected));

  it('end with the change of the clocks that skips their end', () => {
    expect(end({ ...london, to: '01:30' }, '2026-03-28T23:00:00.000Z')).toBe('2026-03-29T01:00:00.000Z');
  });

  it('end at the first minute that is not quiet, in any zone, on any day, by the engine’s own time zone data', () => {
    const minute = fc.integer({ min: 0, max: 1_439 });
    fc.assert(
      fc.property(
        fc.record({ from: minute, to: minute, timeZone: fc.constantFrom(...zones) }),
        fc.integer({ min: START, max: START + 3 * 365 * DAY }),
        (setting, at) => {
          fc.pre(setting.from !== setting.to);
          const found = quietHoursEnd(new QuietHoursResolver(setting).resolve(undefined, START), at);
          expect({ setting, at, isQuiet: isQuiet(found, setting) }).toMatchObject({ isQuiet: false });
          if (found === at) return;
          for (let time = at; time < found; time += MINUTE) expect(isQuiet(time, setting)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('use the time zone of the user if it is known', () => {
    const resolver = new QuietHoursResolver({ from: 21 * 60, to: 8 * 60, timeZone: 'Europe/London' });
    const night = Date.UTC(2026, 0, 6, 3);
    const endIn = (timeZone?: string) => quietHoursEnd(resolver.resolve(timeZone, START), night) - night;
    expect(endIn()).toBe(5 * HOUR);
    expect(endIn('Nowhere/Atlantis')).toBe(5 * HOUR);
    expect(endIn('Asia/Tokyo')).toBe(0);
    expect(endIn('America/New_York')).toBe(10 * HOUR);
  });
});
