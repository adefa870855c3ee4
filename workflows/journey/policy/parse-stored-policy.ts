import {
  listOf,
  objectOf,
  oneOf,
  orNull,
  parseFields,
  parseNumber,
  UnreadableValue,
} from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import { defaultCommandLimits, defaultPolicy } from './policy.ts';
import type { Policy, QuietHours, ZoneOffset } from './policy.ts';

const parseOffsets: Parser<QuietHours['offsets']> = (value, path) => {
  const [first, ...others] = listOf<ZoneOffset>(objectOf({ from: parseNumber, minutes: parseNumber }))(value, path);
  if (first === undefined) throw new UnreadableValue(path, 'a list with an offset');
  return [first, ...others];
};

const fields = {
  firstEmail: oneOf(['send', 'alreadySent']),
  smsStart: oneOf(['automatic', 'onRequest']),
  retrySendFor: parseNumber,
  unknownUserFor: parseNumber,
  callTimeout: parseNumber,
  cooldowns: listOf(parseNumber),
  sends: objectOf({ per10Minutes: parseNumber, perDay: parseNumber }),
  guesses: objectOf({ perCode: parseNumber, perChannel: parseNumber }),
  commands: objectOf({ perMinute: parseNumber, rechecksPerMinute: parseNumber }),
  codeLife: parseNumber,
  reminderAfter: parseNumber,
  journeyLife: parseNumber,
  automaticSends: objectOf({
    notAfter: parseNumber,
    quietHours: orNull(objectOf({ from: parseNumber, to: parseNumber, offsets: parseOffsets })),
  }),
} satisfies { readonly [K in keyof Policy]-?: Parser<Required<Policy>[K]> };

const defaults: Required<Policy> = { commands: defaultCommandLimits, ...defaultPolicy };

/** Parses the stored policy of a journey. A key that an older release did not know has its default. */
export const parsePolicy: Parser<Policy> = (stored, path) =>
  objectOf(fields)({ ...defaults, ...parseFields(stored, path) }, path);
