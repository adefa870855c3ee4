import {
  eachOf,
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFlag,
  parseNumber,
  parseText,
} from '../engine/core/parse-values.ts';
import type { Parser } from '../engine/core/parse-values.ts';
import type { ActivityRequests } from '../engine/activity.ts';
import type { ActivityResults } from '../engine/runtime/plain-workflow.ts';
import { parseOperatorAction } from '../journey/stored/parse-operator-action.ts';
import { stallReasons } from '../journey/stall-reasons.ts';
import type {
  DeprioritizedUser,
  QueuePosition,
  RecoveryActivities,
  RecoveryInput,
  RecoveryResult,
  RecoveryRun,
} from './contract.ts';
import type { RecoveryState } from './state.ts';

/** Parsers of what recovery stores and exchanges. Another release may have written it. */

export const parseInput: Parser<RecoveryInput> = objectOf({
  perSecond: parseNumber,
  upToPerSecond: parseNumber,
  doubleEvery: parseNumber,
  callTimeout: parseNumber,
  slices: parseNumber,
  acts: eachOf(['paused', 'resumed', 'triggered'], orNull(parseOperatorAction)),
});

// A counter that an older release did not have is 0.
const parseCount = orAbsent(parseNumber, 0);

export const parseRun: Parser<RecoveryRun> = objectOf({
  state: oneOf(['probing', 'draining', 'waiting', 'idle']),
  startedAt: parseText,
  canary: orNull(parseText),
  pace: orNull(parseNumber),
  done: parseNumber,
  notAnswered: parseNumber,
  offered: parseCount,
  remaining: parseNumber,
  outcome: orNull(parseText),
  triggered: orNull(parseOperatorAction),
});

const parseDeprioritized: Parser<readonly DeprioritizedUser[]> = listOf(
  objectOf({ userId: parseText, duringOutage: parseFlag }),
);
const parsePosition: Parser<QueuePosition> = objectOf({ since: parseText, userId: parseText });

export const parseResult: Parser<RecoveryResult> = objectOf(
  { run: parseRun, deprioritized: parseDeprioritized },
  { revisitedAt: parseNumber },
);

export const parseState: Parser<RecoveryState> = objectOf({
  id: parseText,
  startedAt: parseText,
  triggered: orNull(parseOperatorAction),
  deprioritized: parseDeprioritized,
  canary: orNull(parseText),
  after: orNull(parsePosition),
  tail: listOf(parseText),
  pace: parseNumber,
  rateSince: parseNumber,
  consecutiveFailures: parseNumber,
  done: parseNumber,
  notAnswered: parseNumber,
  offered: parseCount,
  rateLimited: parseCount,
  left: parseNumber,
  revisitedAt: parseCount,
});

export const recoveryRequests: ActivityRequests<RecoveryActivities> = {
  confirmRun: objectOf({ input: parseInput, isTriggered: parseFlag }),
  listOldestStalled: objectOf(
    {
      taskQueue: parseText,
      after: orNull(parsePosition),
      before: parseText,
      most: parseNumber,
      exclude: listOf(parseText),
    },
    { unknownUsers: parseFlag },
  ),
  tryUsers: objectOf({ users: listOf(parseText), perSecond: parseNumber, run: parseText, reason: parseText }),
};

export const recoveryResults: ActivityResults<RecoveryActivities> = {
  confirmRun: parseFlag,
  listOldestStalled: objectOf({ items: listOf(parsePosition), remaining: parseNumber }),
  tryUsers: listOf(
    objectOf({ userId: parseText, verdict: oneOf(['answered', 'offered', 'skipped', ...stallReasons]) }),
  ),
};
