import { describe, expect, it } from '@jest/globals';
import { planParticipants } from './participants.ts';
import { faultyCalls, planFaults } from './faults.ts';
import { behaviours } from './behaviours.ts';
import { planDisruptions, disruptionKinds } from './failures.ts';
import { isFault } from '../../../sandbox/sfox/faults/faults.ts';

const interval = { minMs: 100, maxMs: 200 };
const disruptions = (seed: number) => {
  const plan = planDisruptions(seed, interval);
  return Array.from({ length: 8 }, () => plan.next().value);
};

describe('a seed of the chaos test', () => {
  it('reproduces the users, faults and disruptions, and another seed gives others', () => {
    expect(planParticipants(7, 50)).toEqual(planParticipants(7, 50));
    expect(planParticipants(8, 50)).not.toEqual(planParticipants(7, 50));
    expect(planFaults(7, 'ada', 'send')).toEqual(planFaults(7, 'ada', 'send'));
    expect(disruptions(7)).toEqual(disruptions(7));
    expect(disruptions(8)).not.toEqual(disruptions(7));
  });

  it('assigns every behaviour among ten users, and the percentages add up to 100', () => {
    expect(new Set(planParticipants(7, 10).map(({ behaviour }) => behaviour.name)).size).toBe(behaviours.length);
    expect(behaviours.reduce((sum, { percent }) => sum + percent, 0)).toBe(100);
  });

  it('includes every kind of disruption among four, within the interval', () => {
    for (const four of [disruptions(7).slice(0, 4), disruptions(7).slice(4)]) {
      expect(new Set(four.map(({ kind }) => kind))).toEqual(new Set(disruptionKinds));
      expect(four.every(({ waitMs }) => waitMs >= interval.minMs && waitMs <= interval.maxMs)).toBe(true);
    }
  });

  it('applies a fault of the simulator to three of ten requests', () => {
    const faults = faultyCalls.flatMap((call) =>
      planParticipants(7, 200).flatMap(({ userId }) => planFaults(7, userId, call)),
    );
    expect(faults.every(isFault)).toBe(true);
    const share = faults.filter((fault) => fault !== 'ok').length / faults.length;
    expect(share).toBeGreaterThan(0.27);
    expect(share).toBeLessThan(0.33);
  });
});
