import { expect, it } from '@jest/globals';
import { compareStatistics } from './verify-statistics.ts';

type Statistics = Parameters<typeof compareStatistics>[0];
type Outcome = Parameters<typeof compareStatistics>[1][number];

const outcome = (accountType: 'individual' | 'business', state: string, email: string, sms: string) =>
  ({ status: { accountType, state, email: { status: email }, sms: { status: sms } } }) as Outcome;
const outcomes = [
  outcome('individual', 'done', 'verified', 'verified'),
  outcome('individual', 'cancelled', 'verified', 'pending'),
  outcome('individual', 'emailPending', 'pending', 'waiting'),
  outcome('business', 'done', 'verified', 'notNeeded'),
];
const account = (signUps: number, email: number, sms: number, done: number) => ({
  signUps,
  verified: { email, sms },
  done,
  timeToVerified: { count: done },
});
const statistics = {
  points: [
    { signUps: 3, ends: { done: 1, cancelled: 0, expired: 0, terminated: 0 } },
    { signUps: 1, ends: { done: 1, cancelled: 1, expired: 0, terminated: 0 } },
  ],
  accounts: { individual: account(3, 2, 1, 1), business: account(1, 1, 0, 1) },
} as unknown as Statistics;

it('finds no difference in statistics that agree with every final status', () => {
  expect(compareStatistics(statistics, outcomes)).toEqual([]);
});

it('names each figure that differs by one', () => {
  const [one, ...others] = outcomes;
  expect(compareStatistics(statistics, others)).toEqual([
    'the statistics count 3 sign-ups (individual), and the run 2',
    'the statistics count 2 journeys with email verified (individual), and the run 1',
    'the statistics count 1 journeys with sms verified (individual), and the run 0',
    'the statistics count 1 journeys done (individual), and the run 0',
    'the statistics count 1 times to verified (individual), and the run 0',
    'the statistics count 4 sign-ups by hour, and the run 3',
    'the statistics count 2 journeys that ended done, and the run 1',
  ]);
  expect(one).toBeDefined();
});
