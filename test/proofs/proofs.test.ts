import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { noGuesses } from '../../workflows/journey/context.ts';
import { MINUTE } from '../../workflows/journey/policy/policy.ts';
import { root } from '../architecture/imports.ts';
import { proofsDocument } from './page.ts';
import type { Proofs } from './page.ts';
import { mutations } from './mutations.ts';
import { properties } from './properties.ts';
import { checkMutations, prove } from './check-properties.ts';
import { goals } from './reachability.ts';
import { runJourney, journeysUnder, policiesWith } from './random-journeys.ts';
import { nameAt } from './state.ts';
import type { ExploredState } from './state.ts';
import { smallPolicy } from './state-space.ts';
import type { Space } from './state-space.ts';
import type { Change } from './apply-input.ts';

const nothing: Proofs = {
  space: { states: new Map(), edges: new Map(), origins: new Map() },
  findings: [],
  mutationResults: [],
};
let proofs = nothing;
beforeAll(() => {
  proofs = { ...prove(), mutationResults: checkMutations() };
});
// The module stays loaded. At its end, the process would take longer to free more than a gigabyte than Jest waits.
afterAll(() => {
  proofs = nothing;
});

/** Without quiet hours, which the space leaves out. */
const smallLives = journeysUnder(
  policiesWith({
    cooldowns: fc.tuple(fc.integer({ min: 1, max: 10 * MINUTE })),
    sends: fc.constant(smallPolicy.sends),
    guesses: fc.constant(smallPolicy.guesses),
  }).map((policy) => ({ ...policy, automaticSends: { ...policy.automaticSends, quietHours: null } })),
);

const names = [...properties, ...goals].map(({ name }) => name);

describe('every state that a journey can reach', () => {
  it.each(names)('has the property: %s', (name) => {
    const finding = proofs.findings.find((each) => each.name === name);
    expect(finding?.checked).toBeGreaterThan(50);
    expect(finding?.counterexample).toBeUndefined();
  });
});

describe('a journey on a real clock', () => {
  it('takes only states and transitions of the state space, with any durations', () => {
    fc.assert(
      fc.property(smallLives, (randomJourney) => {
        expect(
          runJourney(randomJourney)
            .filter((change) => !isIn(proofs.space, change))
            .map(toPlainChange),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a mutation of the machine', () => {
  it('exists for every property', () => {
    expect(new Set(mutations.map(({ breaks }) => breaks))).toEqual(new Set(names));
  });

  it.each(mutations)('breaks "$breaks" if $what', (mutation) => {
    expect(proofs.mutationResults.find((each) => each.mutation === mutation)?.counterexample).toBeDefined();
  });
});

describe('docs/proofs.md', () => {
  it('is up to date', () => {
    const written = readFileSync(join(root, 'docs/proofs.md'), 'utf8') === proofsDocument(proofs);
    expect(written || 'docs/proofs.md is not up to date: run npm run docs').toBe(true);
  });
});

/**
 * Looks up both states and the transition. Only the states are looked up for a late timer, which may end several delays at once, and when
 * the counters that a restart carried for the phone begin to count: the space leaves them out until the e-mail address is verified.
 */
function isIn({ states, edges }: Space, { before, move, after, at }: Change): boolean {
  const from = nameAt(before.journey, before.pending, at).name;
  const to = nameAt(after.journey, after.pending, at).name;
  if (!states.has(from) || !states.has(to)) return false;
  if (move.kind === 'alarm' || appliesCarriedUsage(before, after)) return true;
  return (edges.get(from) ?? []).some((edge) => edge.to === to && edge.move === move);
}

function appliesCarriedUsage(before: ExploredState, after: ExploredState): boolean {
  const [was, is] = [before, after].map(({ journey }) => journey.snapshot.context);
  const carries = was?.ledger.some(({ channel }) => channel === 'sms') === true || was?.guesses.sms !== noGuesses;
  return carries && was?.evidence.email === null && is?.evidence.email !== null;
}

const toPlainChange = ({ before, move, after, at }: Change) => ({
  from: nameAt(before.journey, before.pending, at).name,
  move,
  to: nameAt(after.journey, after.pending, at).name,
});
