import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { adoptionMutations, changesAfterAdoption, policyPairs, adoptionProperties } from './adoption.ts';
import type { Change } from './apply-input.ts';
import { explore, settings } from './state-space.ts';
import type { Space } from './state-space.ts';

let spaces: ReadonlyMap<(typeof policyPairs)[number], Space>;
/** The whole spaces take minutes: these are the states nearest to the start, and nearest to the adoption. */
const CHANGES_BEFORE = 8_000;
const CHANGES_AFTER = 12_000;

beforeAll(() => {
  // One setting is enough: the account type and `smsStart` are chosen when the e-mail address is verified.
  spaces = new Map(policyPairs.map((pair) => [pair, nearestStates(pair.own)]));
});

function nearestStates(policy: Policy): Space {
  let changes = 0;
  return explore(settings(policy).slice(0, 1), () => (changes += 1) > CHANGES_BEFORE);
}

function* changesOf(pair: (typeof policyPairs)[number], machine?: Parameters<typeof changesAfterAdoption>[2]) {
  const space = spaces.get(pair);
  let changes = 0;
  for (const change of space === undefined ? [] : changesAfterAdoption(space, pair.other, machine)) {
    yield change;
    if ((changes += 1) > CHANGES_AFTER) return;
  }
}

const describeChange = ({ before, move, after }: Change) =>
  JSON.stringify([before.journey.snapshot.value, move, after.journey.snapshot.value]);

describe('a journey that adopts a policy, in each of the nearest states', () => {
  it('keeps every property, then and later', () => {
    const checked = new Map(adoptionProperties.map(({ name }) => [name, 0]));
    const broken = new Map<string, string>();
    for (const pair of policyPairs) {
      for (const change of changesOf(pair)) {
        for (const { name, concerns, holds } of adoptionProperties) {
          if (!concerns(change)) continue;
          checked.set(name, (checked.get(name) ?? 0) + 1);
          if (!broken.has(name) && !holds(change)) broken.set(name, describeChange(change));
        }
      }
    }
    expect(Object.fromEntries(broken)).toEqual({});
    for (const [name, count] of checked) expect([name, count > 50]).toEqual([name, true]);
  });

  it.each(adoptionMutations)('breaks "$breaks" if $what', ({ breaks, machine }) => {
    const property = adoptionProperties.find(({ name }) => name === breaks);
    const isCaught = policyPairs.some((pair) => {
      for (const change of changesOf(pair, machine)) {
        if (property?.concerns(change) === true && !property.holds(change)) return true;
      }
      return false;
    });
    expect(isCaught).toBe(true);
  });
});
