import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MINUTE } from '../../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../../workflows/journey/status/status.ts';
import type { Machine } from '../../../workflows/journey/transition.ts';
import { NOW } from '../canonical-state.ts';
import { runJourney, journeysUnder, policiesWith } from '../random-journeys.ts';
import { mutations } from '../mutations.ts';
import { modelOf } from './model.ts';
import { applyEvent } from './commands.ts';
import { statusOfModel, comparableStatus } from './status.ts';
import { fireTimers } from './time.ts';

const lives = journeysUnder(
  policiesWith({
    cooldowns: fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { minLength: 1, maxLength: 4 }),
    sends: fc.record({ per10Minutes: fc.integer({ min: 1, max: 5 }), perDay: fc.integer({ min: 1, max: 10 }) }),
    guesses: fc.record({ perCode: fc.integer({ min: 1, max: 3 }), perChannel: fc.integer({ min: 1, max: 6 }) }),
  }),
);

const agreement = (machine?: Machine) =>
  fc.property(lives, (randomJourney) => {
    const model = modelOf(randomJourney.accountType, randomJourney.policy, NOW);
    for (const { before, move, after, at } of runJourney(randomJourney, machine)) {
      if (before.journey.log.some(({ type }) => type === 'restarted')) break;
      if (move.kind === 'alarm') fireTimers(model, at);
      else if (move.kind === 'command' || move.kind === 'answer') applyEvent(model, { ...move.event, at });
      expect({ move, ...statusOfModel(model) }).toEqual({ move, ...comparableStatus(statusOf(after.journey)) });
    }
  });

describe('a model independent of the machine', () => {
  it('agrees after every command, reply and timer', () => {
    const found = fc.check(agreement(), { numRuns: 400 });
    expect(found.failed ? fc.defaultReportMessage(found) : 'agreed').toBe('agreed');
  });

  it.each(mutations)('differs where $what', ({ machine }) => {
    expect(fc.check(agreement(machine), { numRuns: 4_000, endOnFailure: true, seed: 1 }).failed).toBe(true);
  });
});
