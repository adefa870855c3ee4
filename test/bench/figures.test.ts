import { expect, it } from '@jest/globals';
import type { Block } from '../../bench/twin/block.ts';
import { compare } from '../../bench/twin/pairs.ts';
import { Budget } from '../../bench/harness/budget.ts';
import { spreadOf, percentilesOf } from '../../bench/harness/numbers.ts';

it('returns the median and the range of several runs', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, runs: 3 });
  expect(spreadOf([4, 1, 2, 3]).median).toBe(2.5);
});

it('returns the 50th, 95th and 99th percentile of times', () => {
  const hundred = Array.from({ length: 100 }, (_, nth) => 100 - nth);
  expect(percentilesOf(hundred)).toEqual({ p50: 50.5, p95: 95, p99: 99, count: 100 });
});

it('starts another item only if there is time for the longest so far, and names the ones left out', async () => {
  let now = 0;
  const budget = new Budget(10, () => now);
  const work = async (seconds: number) => {
    now += seconds * 1_000;
    return seconds;
  };
  expect(await budget.each([2, 3, 4, 5], (seconds) => `${seconds} s`, work)).toEqual([2, 3, 4]);
  expect(budget.cut).toEqual(['5 s']);
  expect(budget.left).toBe(1);
});

it('reserves time for later measurements, but always runs the first item', async () => {
  let now = 0;
  const budget = new Budget(5, () => now);
  const work = async () => void (now += 2_000);
  expect(await budget.each(['a', 'b'], (name) => name, work, 4)).toHaveLength(1);
  expect(budget.cut).toEqual(['b']);
});

it('compares each block with the adjacent block of the other side, and each side with itself', () => {
  const block = (side: string, rate: number): Block => ({
    side,
    rate,
    server: 1,
    worker: 1,
    client: 1,
    total: 1,
    actions: 9,
    ruler: 1,
  });
  const blocks = [block('a', 10), block('b', 20), block('b', 25), block('a', 5), block('a', 8), block('b', 16)];
  const { ratios, control } = compare(blocks, 'a');
  expect(ratios.rate).toEqual({ median: 0.5, least: 0.2, most: 0.5, runs: 3 });
  expect(control.rate).toEqual({ median: 0.7125, least: 0.625, most: 0.8, runs: 2 });
});
