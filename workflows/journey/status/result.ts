import type { Channel } from '../../../activities/contract.ts';
import { forEachChannel } from '../channels.ts';
import { noGuesses } from '../context.ts';
import type { CarriedUsage, JourneyContext, GuessCounters } from '../context.ts';
import type { JourneyResult, Successor } from '../../contract.ts';
import { supersessionOf } from '../stored/log.ts';
import { timelineOf } from './timeline.ts';
import { DAY } from '../policy/policy.ts';
import { statusOf } from './status.ts';
import type { Journey } from '../transition.ts';

type Counters = Pick<CarriedUsage, 'ledger' | 'guesses'>;

/** Returns what a journey stores at its end. */
export function resultOf(journey: Journey): JourneyResult {
  const { snapshot, log, revision, updatedAt } = journey;
  return {
    status: statusOf(journey),
    timeline: timelineOf(log),
    carried: { ...countersOf(snapshot.context, updatedAt), revision, log },
  };
}

/** The counters of the last day: a restart allows no more codes or guesses than the limits. */
function countersOf(context: JourneyContext, at: number): Counters {
  const recent = (time: number) => time > at - DAY;
  const recentOnly = (guesses: GuessCounters) =>
    recent(Math.max(guesses.lastAt, guesses.unknown.lastAt)) ? guesses : noGuesses;
  return {
    ledger: context.ledger.filter((entry) => recent(entry.at)),
    guesses: forEachChannel((channel) => recentOnly(context.guesses[channel])),
  };
}

/**
 * Returns the start of the journey that replaces a superseded one; `undefined` if the journey was not superseded. The policy, the
 * provider and the counters are carried over. The log and the revision are not, since they belong to the old user id.
 */
export function successorOf({ snapshot, log, updatedAt }: Journey): Successor | undefined {
  const supersession = supersessionOf(log);
  if (supersession === undefined) return undefined;
  const { supersededBy, changed, by, reason } = supersession;
  const { userId, accountType, policy, provider } = snapshot.context;
  return {
    userId: supersededBy,
    accountType,
    policy,
    ...(provider !== null && { provider }),
    restarted: {
      by,
      reason: reason ?? '',
      supersedes: userId,
      carried: { ...withoutChannel(countersOf(snapshot.context, updatedAt), changed), revision: 0, log: [] },
    },
  };
}

/** Drops the counters of a channel. */
function withoutChannel({ ledger, guesses }: Counters, changed: Channel | undefined): Counters {
  return {
    ledger: ledger.filter(({ channel }) => channel !== changed),
    guesses: forEachChannel((channel) => (channel === changed ? noGuesses : guesses[channel])),
  };
}
