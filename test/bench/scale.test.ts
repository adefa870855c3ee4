import { expect, it } from '@jest/globals';
import { countAt, million, ofOnesOwn, priceOf } from '../../bench/paper/million.ts';
import { plot } from '../../bench/report/plot.ts';
import { writtenIn } from '../../bench/scale/flow.ts';
import { middlePace } from '../../bench/stand/numbers.ts';

const drawn = (lines: readonly { readonly name: string; readonly costs: readonly number[] }[]) => {
  const points = (costs: readonly number[]) => costs.map((cost, nth) => [1_000 * 10 ** nth, cost] as const);
  const named = lines.map(({ name, costs }) => ({ name, points: points(costs) }));
  return plot([{ title: 'Time', unit: 'ms', of: 'journeys', lines: named }]);
};

it('draws what grows tenfold each time as a straight line', () => {
  const [, line = ''] = /polyline points="([^"]+)"/.exec(drawn([{ name: 'list', costs: [2, 20, 200] }])) ?? [];
  const [[x1, y1], [x2, y2], [x3, y3]] = line.split(' ').map((point) => point.split(',').map(Number)) as Three;
  expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
  expect(y1 - y2).toBeCloseTo(y2 - y3, 0);
  expect(y1).toBeGreaterThan(y2);
});
type Three = [[number, number], [number, number], [number, number]];

it('writes the name of each line beside its end, not over that of another', () => {
  const svg = drawn([
    { name: 'count & sum', costs: [5, 50] },
    { name: 'list', costs: [6, 50] },
  ]);
  const heightOf = (name: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}<`).exec(svg)?.[1]);
  expect(Math.abs(heightOf('count &amp; sum') - heightOf('list'))).toBeGreaterThanOrEqual(12);
});

it('adds the tiers of a price list, and takes the last price beyond it', () => {
  expect(priceOf(11.25)).toBeCloseTo(525);
  expect(priceOf(200)).toBe(5_925);
  expect(priceOf(201)).toBe(5_950);
});

it('reckons a million users from what one journey costs', () => {
  const count = (events: number, actions: number) => [
    { events, actions, workflowTasks: 7, bytes: 10_000, promises: 0, entries: 0 },
  ];
  const stories = [
    { name: 'happy path', counts: count(41, 9) },
    { name: 'happy path of a business', counts: count(23, 5) },
  ];
  const day = million({ times: 1, stories, twin: { name: 'twin', counts: [] }, bundleBytes: 0 });
  expect(day?.actions).toBeCloseTo(8_600_000);
  expect(day?.sends).toBeCloseTo(1_900_000);
  expect(day?.retained).toBeCloseTo(300);
});

it('takes as many shards as are busy for a tenth of the busiest second, rounded up to a power of two', () => {
  const written = { commits: 100, rows: 90, bytes: 170_000 };
  const own = ofOnesOwn({ flow: { journeys: 1, perSecond: 15, worker: 40, server: 50, written }, open: [] });
  expect(own?.commits.peak).toBeCloseTo((100 * 1e6 * 5) / 86_400);
  expect(own?.shards).toBe(1_024);
});

it('takes off what a database writes while nothing happens', () => {
  const written = (of: number) => ({ commits: of, rows: 2 * of, bytes: 3 * of });
  const looks = [
    { at: 0, written: written(0) },
    { at: 1_000, written: written(10) },
    { at: 3_000, written: written(130) },
  ] as const;
  expect(writtenIn(looks, 10)).toEqual({ commits: 10, rows: 20, bytes: 30 });
});

it('takes the pace of a drain from its middle half', () => {
  const fast = Array.from({ length: 9 }, (_, nth) => 4_000 + nth * 100);
  expect(middlePace([0, 1_000, 2_000, 3_000, ...fast, 10_000, 20_000, 30_000])).toBeCloseTo(10, 5);
});

it('draws a count on from the two largest that were measured, and from none too small to tell', () => {
  const open = (journeys: number, p50: number) =>
    ({ journeys, took: { count: { p50, p95: p50, p99: p50, count: 1 } } }) as Parameters<typeof countAt>[0][number];
  expect(countAt([open(1_000, 1), open(10_000, 10), open(100_000, 55)], 1_000_000)).toBeCloseTo(505);
  expect(countAt([open(100, 1), open(1_000, 2)], 1_000_000)).toBeUndefined();
});
