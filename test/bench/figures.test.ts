import { expect, it } from '@jest/globals';
import type { Block } from '../../bench/twin/block.ts';
import { compare } from '../../bench/twin/pairs.ts';
import { Budget } from '../../bench/stand/budget.ts';
import { spread, times } from '../../bench/stand/numbers.ts';

it('quotes the middle of several runs, and from the least to the most', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, runs: 3 });
  expect(spread([4, 1, 2, 3]).median).toBe(2.5);
});

it('gives the time that no more than a share of them took longer than', () => {
  const hundred = Array.from({ length: 100 }, (_, nth) => 100 - nth);
  expect(times(hundred)).toEqual({ p50: 50.5, p95: 95, p99: 99, count: 100 });
});

it('works as long as there is time for the longest before, and names what it leaves out', async () => {
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

it('keeps time for what comes afterwards, but does the first in any case', async () => {
  let now = 0;
  const budget = new Budget(5, () => now);
  const work = async () => void (now += 2_000);
  expect(await budget.each(['a', 'b'], (name) => name, work, 4)).toHaveLength(1);
  expect(budget.cut).toEqual(['b']);
});

it('compares each block with its neighbour of the other side, and a side with itself', () => {
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
