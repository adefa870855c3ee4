import { expect, it } from '@jest/globals';
import { recordOf } from '../../../client/journey-log/record.ts';
import { compareJourney } from '../../../client/journey-comparison/compare-journey.ts';
import { adoptablePolicy } from '../../../workflows/journey/policy/adoption.ts';
import { DAY, defaultPolicy, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../../workflows/journey/status/status.ts';
import { differenceTypes, undecidedCauses } from '../../../workflows/what-if/contract.ts';
import { END, runRandomJourney } from './random-journey.ts';

const JOURNEYS = 100;

const quietHours = { from: 9 * 60 + 5, to: 12 * 60, offsets: [{ from: 0, minutes: 0 }] } as const;

interface Pair {
  readonly own: Partial<Policy>;
  readonly other: Partial<Policy>;
  /** The gateway, and not the machine, counts the commands of a minute: there is nothing to compare with. */
  readonly isBeyondMachine?: true;
}

/** Policies that are stricter, laxer and other than the journeys' own. */
const pairs: readonly Pair[] = [
  { own: {}, other: { guesses: { perCode: 2, perChannel: 3 } } },
  { own: {}, other: { guesses: { perCode: 5, perChannel: 2 } } },
  { own: { guesses: { perCode: 5, perChannel: 2 } }, other: {} },
  { own: {}, other: { cooldowns: [2 * MINUTE], sends: { per10Minutes: 1, perDay: 3 } } },
  { own: { cooldowns: [15 * MINUTE], sends: { per10Minutes: 1, perDay: 1 } }, other: { cooldowns: [15 * MINUTE] } },
  { own: {}, other: { cooldowns: [5 * SECOND], guesses: { perCode: 8, perChannel: 30 } } },
  { own: {}, other: { journeyLife: 2 * HOUR } },
  { own: {}, other: { journeyLife: 20 * DAY } },
  { own: {}, other: { reminderAfter: 3 * HOUR } },
  {
    own: {},
    other: { codeLife: MINUTE, retrySendFor: 10 * SECOND, callTimeout: 2 * SECOND, unknownUserFor: MINUTE },
  },
  { own: {}, other: { smsStart: 'onRequest' } },
  { own: {}, other: { automaticSends: { notAfter: MINUTE, quietHours } } },
  { own: {}, other: { commands: { perMinute: 2, rechecksPerMinute: 1 } }, isBeyondMachine: true },
];

it('agrees about every decided journey with the same journey under the other policy', () => {
  const found = new Set<string>();
  let decided = 0;
  for (const { own: ownChanges, other: changes, isBeyondMachine = false } of pairs) {
    const [own, other] = [ownChanges, changes].map((each) => ({ ...defaultPolicy, ...each })) as [Policy, Policy];
    for (let seed = 1; seed <= JOURNEYS; seed += 1) {
      const accountType = seed % 3 === 0 ? 'business' : 'individual';
      const { log } = runRandomJourney(seed, own, accountType);
      const record = recordOf(log, { userId: 'ada', accountType, policy: own });
      const compared = compareJourney(record, adoptablePolicy(other, true), END);
      for (const each of [compared.result, compared.cause ?? '', ...compared.differences]) found.add(each);
      if (compared.result === 'undecided' || isBeyondMachine) continue;
      decided += 1;
      const really = statusOf(runRandomJourney(seed, other, accountType));
      expect({ seed, changes, status: statusOf(compared.whatIf) }).toEqual({ seed, changes, status: really });
    }
  }
  expect(decided).toBeGreaterThan(2 * JOURNEYS);
  // Every kind of result occurs.
  for (const each of ['same', 'differs', 'undecided', ...undecidedCauses, ...differenceTypes]) {
    expect(found).toContain(each);
  }
});

it.each([
  { changes: { codeLife: 3 * HOUR }, delay: 'after.automaticResendAfter' },
  { changes: { journeyLife: 20 * DAY }, delay: 'after.journeyLife' },
  { changes: { reminderAfter: 6 * DAY }, delay: 'after.reminderAfter' },
] as const)('decides a longer delay for all in whose journey $delay never came', ({ changes, delay }) => {
  let decided = 0;
  for (let seed = 1; seed <= JOURNEYS; seed += 1) {
    const { log } = runRandomJourney(seed, defaultPolicy, 'individual');
    if (log.some(({ type }) => type === delay)) continue;
    const record = recordOf(log, { userId: 'ada', accountType: 'individual', policy: defaultPolicy });
    const other = adoptablePolicy({ ...defaultPolicy, ...changes }, true);
    expect({ seed, ...compareJourney(record, other, END) }).toMatchObject({ seed, result: 'same', cause: null });
    decided += 1;
  }
  expect(decided).toBeGreaterThan(JOURNEYS / 4);
});
