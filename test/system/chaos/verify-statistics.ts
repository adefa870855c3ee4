import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../../client/http-client/index.ts';
import type { Statistics } from '../../../client/http-client/types.ts';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import { channels } from '../../../workflows/journey/channels.ts';
import { finalStates } from '../../../client/journeys/closed-journey.ts';
import type { UserOutcome } from './verify-outcome.ts';

/** Temporal's visibility is behind, and the gateway keeps a count for a few seconds. */
const TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 1_000;

/**
 * Reads the statistics until they agree with the final status of every journey. Returns the last statistics, and a sentence for each
 * figure that still differs after a minute.
 */
export async function verifyStatistics(
  read: () => Promise<Statistics>,
  outcomes: readonly UserOutcome[],
): Promise<{ readonly statistics: Statistics; readonly violations: readonly string[] }> {
  for (const end = Date.now() + TIMEOUT_MS; ; await pause(POLL_INTERVAL_MS)) {
    try {
      const statistics = await read();
      const violations = compareStatistics(statistics, outcomes);
      if (violations.length === 0 || Date.now() > end) return { statistics, violations };
    } catch (error) {
      if (!(error instanceof Problem) || Date.now() > end) throw error;
    }
  }
}

/** Compares the figures that come from Temporal's visibility. Reports of a killed worker are lost, so they are not compared. */
export function compareStatistics(
  { points, accounts }: Pick<Statistics, 'points' | 'accounts'>,
  outcomes: readonly Pick<UserOutcome, 'status'>[],
): string[] {
  const differences: string[] = [];
  const compare = (what: string, counted: number, expected: number) => {
    if (counted !== expected) differences.push(`the statistics count ${counted} ${what}, and the run ${expected}`);
  };
  const statuses = outcomes.flatMap(({ status }) => status ?? []);
  for (const type of accountTypes) {
    const ofType = statuses.filter(({ accountType }) => accountType === type);
    const account = accounts[type];
    const done = ofType.filter(({ state }) => state === 'done').length;
    compare(`sign-ups (${type})`, account.signUps, ofType.length);
    for (const channel of channels) {
      const verified = ofType.filter((status) => status[channel]?.status === 'verified').length;
      compare(`journeys with ${channel} verified (${type})`, account.verified[channel], verified);
    }
    compare(`journeys done (${type})`, account.done, done);
    compare(`times to verified (${type})`, account.timeToVerified.count, done);
  }
  const sum = (numberOf: (point: Statistics['points'][number]) => number) =>
    points.reduce((total, point) => total + numberOf(point), 0);
  const signUpsByHour = sum(({ signUps }) => signUps);
  compare('sign-ups by hour', signUpsByHour, statuses.length);
  for (const end of finalStates) {
    const ended = statuses.filter(({ state }) => state === end).length;
    compare(
      `journeys that ended ${end}`,
      sum(({ ends }) => ends[end]),
      ended,
    );
  }
  return differences;
}
