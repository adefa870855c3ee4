import { describe, expect, it } from '@jest/globals';
import {
  formatAge,
  formatDuration,
  formatInstant,
  formatTime,
  formatTimesIn,
} from '../../../client/presentation/format-time.ts';

const at = '2026-01-15T23:30:05.678Z';
const later = (seconds: number, from = at) => ({ now: Date.parse(from) + 1_000 * seconds });

it.each([
  ['UTC', '2026-01-15 23:30:05 UTC'],
  ['America/New_York', '2026-01-15 18:30:05 UTC-05:00'],
  ['Europe/Berlin', '2026-01-16 00:30:05 UTC+01:00'],
  ['Asia/Kathmandu', '2026-01-16 05:15:05 UTC+05:45'],
  ['Pacific/Chatham', '2026-01-16 13:15:05 UTC+13:45'],
  ['America/St_Johns', '2026-01-15 20:00:05 UTC-03:30'],
])('formats a time in %s with the date of that zone, its offset and its age', (timeZone, instant) => {
  expect(formatInstant(at, { timeZone })).toBe(instant);
  expect(formatTime(at, { timeZone, ...later(11_520) })).toBe(`${instant} (3 h 12 min ago)`);
});

describe('a change of clocks', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T00:59:59Z', '2026-03-29 01:59:59 UTC+01:00', '2026-03-29 03:00:00 UTC+02:00'],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', '2026-10-25 02:59:59 UTC+02:00', '2026-10-25 02:00:00 UTC+01:00'],
    ['America/New_York', '2026-11-01T05:59:59Z', '2026-11-01 01:59:59 UTC-04:00', '2026-11-01 01:00:00 UTC-05:00'],
    ['Australia/Lord_Howe', '2026-04-04T14:59:59Z', '2026-04-05 01:59:59 UTC+11:00', '2026-04-05 01:30:00 UTC+10:30'],
  ])('in %s after %s keeps every time distinct and its age correct', (timeZone, last, before, after) => {
    const next = new Date(Date.parse(last) + 1_000).toISOString();
    expect(formatInstant(last, { timeZone })).toBe(before);
    expect(formatInstant(next, { timeZone })).toBe(after);
    expect(formatTime(last, { timeZone, ...later(3_600, last) })).toBe(`${before} (1 h ago)`);
    expect(formatTime(next, { timeZone, ...later(3_600, next) })).toBe(`${after} (1 h ago)`);
  });
});

it.each([
  [0, 'now'],
  [1, '1 s ago'],
  [-1, 'in 1 s'],
  [59.6, '1 min ago'],
  [-90, 'in 1 min 30 s'],
  [86_400 + 3_599, '1 d ago'],
  [90_000, '1 d 1 h ago'],
])('formats an age of %d seconds', (seconds, age) => {
  expect(formatAge(at, later(seconds))).toBe(age);
});

it('formats a duration in its two largest units', () => {
  expect([0, 400, 61_000, 3_600_000, 864_000_000].map(formatDuration)).toEqual([
    '0 s',
    '0 s',
    '1 min 1 s',
    '1 h',
    '10 d',
  ]);
});

it('formats the times inside a text, and leaves the rest as it is', () => {
  const options = { timeZone: 'America/New_York', ...later(-30) };
  expect(formatTimesIn(`the next send is allowed at ${at}; not 2026-01-15`, options)).toBe(
    'the next send is allowed at 2026-01-15 18:30:05 UTC-05:00 (in 30 s); not 2026-01-15',
  );
});
