import { channels, forEachChannel } from '../channels.ts';
import { noGuesses, sendReasons } from '../context.ts';
import type { CarriedUsage, GuessCounters, SendEntry } from '../context.ts';
import { parseLog } from './parse-log.ts';
import { sendOutcomes } from '../replies.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Parses what a journey of another release has left behind. A send that cannot be read counts as one of unknown outcome. */
export function parseCarried(stored: unknown): CarriedUsage {
  const { ledger, guesses, revision, log } = Object(stored) as Fields;
  const byChannel = Object(guesses) as Fields;
  return {
    ledger: Array.isArray(ledger) ? ledger.flatMap((entry, index) => parseSend(Object(entry) as Fields, index)) : [],
    guesses: forEachChannel((channel) => parseGuesses(byChannel[channel])),
    revision: count(revision),
    log: parseLog(log),
  };
}

function parseSend(entry: Fields, index: number): SendEntry[] {
  const { number, channel, at, outcome, why, reason, to, retryUntil } = entry;
  const knownChannel = channels.find((each) => each === channel);
  if (knownChannel === undefined || typeof at !== 'number') return [];
  return [
    {
      number: typeof number === 'number' ? number : index + 1,
      channel: knownChannel,
      at,
      outcome: sendOutcomes.find((each) => each === outcome) ?? 'unknown',
      why: sendReasons.find((each) => each === why) ?? 'automatic',
      reason: typeof reason === 'string' ? reason : null,
      to: typeof to === 'string' ? to : null,
      ...(typeof retryUntil === 'number' && { retryUntil }),
    },
  ];
}

function parseGuesses(stored: unknown): GuessCounters {
  const { onCode, onChannel, lastAt, unknown } = Object(stored) as Fields;
  const unknownFields = Object(unknown) as Fields;
  const parsed: GuessCounters = {
    onCode: count(onCode),
    onChannel: count(onChannel),
    lastAt: count(lastAt),
    unknown: {
      onCode: count(unknownFields['onCode']),
      onChannel: count(unknownFields['onChannel']),
      lastAt: count(unknownFields['lastAt']),
    },
  };
  return parsed.lastAt + parsed.unknown.lastAt === 0 ? noGuesses : parsed;
}

const count = (value: unknown) => (typeof value === 'number' && value >= 0 ? value : 0);
