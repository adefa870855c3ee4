import { describe, expect, it } from '@jest/globals';
import { sparkline } from '../../../client/cli/output/sparkline.ts';
import { findPercentile, percentileOfClasses, PRECISION } from '../../../client/statistics/percentiles.ts';

/** Values with an exact percentile, and how many counts were made to find it. */
async function find(share: number, values: readonly number[]) {
  let counted = 0;
  const found = await findPercentile(share, values.length, async (value) => {
    counted += 1;
    return values.filter((each) => each <= value).length;
  });
  const exact = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
  return { found, exact, counted };
}

describe('a percentile that is found by counting', () => {
  it.each([
    ['short', [3, 40, 41, 90]],
    ['of seconds and days', [900, 2_000, 61_000, 3_600_000, 86_400_000, 604_800_000]],
    ['all the same', Array.from({ length: 50 }, () => 125_000)],
    ['one', [1_234_567]],
  ])('is exact to its precision in few counts, for values that are %s', async (_, values) => {
    for (const share of [0.5, 0.95]) {
      const { found, exact = 0, counted } = await find(share, values);
      expect(found).toBeGreaterThanOrEqual(exact);
      expect(found).toBeLessThanOrEqual(exact * (1 + PRECISION) + 1);
      expect(counted).toBeLessThan(25);
    }
  });

  it('is null without values', async () => {
    expect(await findPercentile(0.5, 0, async () => 0)).toBeNull();
  });

  it('is null if fewer values are found than were counted before', async () => {
    expect(await findPercentile(0.95, 10, async () => 3)).toBeNull();
  });
});

describe('a percentile of classes', () => {
  it('is the upper bound of the class that has it, and without a bound in the last', () => {
    expect(percentileOfClasses(0.5, [5, 4, 1], [50, 100])).toEqual({ upTo: 50 });
    expect(percentileOfClasses(0.9, [5, 4, 1], [50, 100])).toEqual({ upTo: 100 });
    expect(percentileOfClasses(0.95, [5, 4, 1], [50, 100])).toEqual({ upTo: null });
    expect(percentileOfClasses(0.5, [0, 0, 0], [50, 100])).toBeNull();
  });
});

it('draws numbers as a sparkline: the largest in full height, nothing as a dot, the unknown as a gap', () => {
  expect(sparkline([0, 1, 4, 8, null])).toBe('·▂▅█ ');
  expect(sparkline([0, 0])).toBe('··');
});
