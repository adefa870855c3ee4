import {
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFields,
  parseFlag,
  parseNumber,
  parseText,
} from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import { accountTypes } from '../account-types.ts';
import { channels, forEachChannel } from '../channels.ts';
import { evidenceKinds, noGuesses, sendReasons } from '../context.ts';
import type { GuessCounters, JourneyContext, SendEntry } from '../context.ts';
import { parsePolicy } from '../policy/parse-stored-policy.ts';
import { sendOutcomes } from '../replies.ts';
import { stallReasons } from '../stall-reasons.ts';

/** Parses a value for each channel. A channel that an older release did not know has the fallback. */
function byChannel<T>(parse: Parser<T>, fallback: T) {
  return objectOf(forEachChannel(() => orAbsent(parse, fallback)));
}

const parseSend: Parser<SendEntry> = objectOf(
  {
    number: parseNumber,
    channel: oneOf(channels),
    at: parseNumber,
    outcome: oneOf(sendOutcomes),
    why: oneOf(sendReasons),
    reason: orNull(parseText),
    to: orNull(parseText),
  },
  { retryUntil: parseNumber },
);

const parseGuesses: Parser<GuessCounters> = objectOf({
  onCode: parseNumber,
  onChannel: parseNumber,
  lastAt: parseNumber,
  unknown: objectOf({ onCode: parseNumber, onChannel: parseNumber, lastAt: parseNumber }),
});

const parseStall = objectOf(
  { reason: oneOf(stallReasons), since: parseNumber, detail: orNull(parseText) },
  { until: parseNumber },
);

const fields = {
  userId: parseText,
  accountType: oneOf(accountTypes),
  provider: orAbsent(orNull(parseText), null),
  policy: parsePolicy,
  startedAt: parseNumber,
  now: parseNumber,
  channel: oneOf(channels),
  lastActiveAt: parseNumber,
  offeredSince: orAbsent(orNull(parseNumber), null),
  expiresAt: parseNumber,
  expirySuspendedSince: orNull(parseNumber),
  ledger: listOf(parseSend),
  openSend: orNull(objectOf({ number: parseNumber, why: oneOf(sendReasons) })),
  guesses: byChannel(parseGuesses, noGuesses),
  evidence: byChannel(orNull(oneOf(evidenceKinds)), null),
  reminded: byChannel(parseFlag, false),
  recordAgrees: parseFlag,
  stall: orNull(parseStall),
  resumeTo: oneOf(['sending', 'awaitingCode', 'locked', 'stalled', 'verified']),
  afterStop: oneOf(['paused', 'cancelled']),
} satisfies { readonly [K in keyof JourneyContext]: Parser<JourneyContext[K]> };

/**
 * Parses the context of a stored snapshot. A field that an older release of the same version did not know has its default.
 *
 * @throws UnreadableValue
 */
export function parseContext(stored: unknown): JourneyContext {
  const contextFields = parseFields(stored, 'context');
  return objectOf(fields)({ lastActiveAt: contextFields['startedAt'], ...contextFields }, 'context');
}
