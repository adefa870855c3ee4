import { listOf, objectOf, oneOf, parseText, UnreadableValue } from './engine/core/parse-values.ts';
import type { Parser } from './engine/core/parse-values.ts';
import { accountTypes } from './journey/account-types.ts';
import { stallReasons } from './journey/stall-reasons.ts';
import { states } from './journey/states.ts';
import { searchableSteps } from './search-attributes.ts';
import type { JourneyFilter } from './search-attributes.ts';

const fields = {
  state: oneOf(states),
  step: oneOf(searchableSteps),
  reason: oneOf(stallReasons),
  accountType: oneOf(accountTypes),
  userId: parseText,
  userIds: listOf(parseText),
  sinceBefore: parseText,
} satisfies { readonly [K in keyof JourneyFilter]-?: Parser<NonNullable<JourneyFilter[K]>> };

/** Parses a filter of journeys. A field that this release does not know would select others, so it is refused. */
export const parseJourneyFilter: Parser<JourneyFilter> = (value, path) => {
  const filter = objectOf({}, fields)(value, path);
  const unknown = Object.keys(filter).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined)
    throw new UnreadableValue(`${path}.${unknown}`, `one of ${Object.keys(fields).join(', ')}`);
  return filter;
};
