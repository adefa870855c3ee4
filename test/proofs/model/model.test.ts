import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MINUTE } from '../../../workflows/policy.ts';
import { statusOf } from '../../../workflows/status.ts';
import type { Machine } from '../../../workflows/step.ts';
import { NOW } from '../canonical.ts';
import { live, livesUnder, policiesWith } from '../lives.ts';
import { mutations } from '../mutations.ts';
import { modelOf } from './model.ts';
import { tell } from './commands.ts';
import { seen, shown } from './seen.ts';
import { wake } from './time.ts';

const lives = livesUnder(
  policiesWith({
    cooldowns: fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { minLength: 1, maxLength: 4 }),
    sends: fc.record({ per10Minutes: fc.integer({ min: 1, max: 5 }), perDay: fc.integer({ min: 1, max: 10 }) }),
    guesses: fc.record({ perCode: fc.integer({ min: 1, max: 3 }), perChannel: fc.integer({ min: 1, max: 6 }) }),
  }),
);

const agreement = (machine?: Machine) =>
  fc.property(lives, (life) => {
    const model = modelOf(life.accountType, life.policy, NOW);
    for (const { before, move, after, at } of live(life, machine)) {
      if (before.journey.log.some(({ what }) => what === 'restarted')) break;
      if (move.kind === 'alarm') wake(model, at);
      else if (move.kind === 'command' || move.kind === 'answer') tell(model, { ...move.event, at });
      expect({ move, ...seen(model) }).toEqual({ move, ...shown(statusOf(after.journey)) });
    }
  });

describe('a model written apart from the machine', () => {
  it('tells the same after every command, answer and alarm', () => {
    const found = fc.check(agreement(), { numRuns: 400 });
    expect(found.failed ? fc.defaultReportMessage(found) : 'agreed').toBe('agreed');
  });

  it.each(mutations)('differs where $what', ({ machine }) => {
    expect(fc.check(agreement(machine), { numRuns: 4_000, endOnFailure: true, seed: 1 }).failed).toBe(true);
  });
});
