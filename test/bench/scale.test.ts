import { expect, it } from '@jest/globals';
import { plot } from '../../bench/report/plot.ts';
import { subtractIdleWrites } from '../../bench/scale/throughput.ts';
import { middleRate } from '../../bench/harness/numbers.ts';

const draw = (lines: readonly { readonly name: string; readonly costs: readonly number[] }[]) => {
  const points = (costs: readonly number[]) => costs.map((cost, nth) => [1_000 * 10 ** nth, cost] as const);
  const named = lines.map(({ name, costs }) => ({ name, points: points(costs) }));
  return plot([{ title: 'Time', unit: 'ms', of: 'journeys', lines: named }]);
};

it('draws a cost that grows tenfold at each size as a straight line', () => {
  const [, line = ''] = /polyline points="([^"]+)"/.exec(draw([{ name: 'list', costs: [2, 20, 200] }])) ?? [];
  const [[x1, y1], [x2, y2], [x3, y3]] = line.split(' ').map((point) => point.split(',').map(Number)) as Three;
  expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
  expect(y1 - y2).toBeCloseTo(y2 - y3, 0);
  expect(y1).toBeGreaterThan(y2);
});
type Three = [[number, number], [number, number], [number, number]];

it('writes the name of each line at its end without overlapping another name', () => {
  const svg = draw([
    { name: 'count & sum', costs: [5, 50] },
    { name: 'list', costs: [6, 50] },
  ]);
  const heightOf = (name: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}<`).exec(svg)?.[1]);
  expect(Math.abs(heightOf('count &amp; sum') - heightOf('list'))).toBeGreaterThanOrEqual(12);
});

it('subtracts what a database writes while idle', () => {
  const written = (count: number) => ({ commits: count, rows: 2 * count, bytes: 3 * count });
  const readings = [
    { at: 0, written: written(0) },
    { at: 1_000, written: written(10) },
    { at: 3_000, written: written(130) },
  ] as const;
  expect(subtractIdleWrites(readings, 10)).toEqual({ commits: 10, rows: 20, bytes: 30 });
});

it('computes the rate of a recovery from the middle half of the sends', () => {
  const fast = Array.from({ length: 9 }, (_, nth) => 4_000 + nth * 100);
  expect(middleRate([0, 1_000, 2_000, 3_000, ...fast, 10_000, 20_000, 30_000])).toBeCloseTo(10, 5);
});
