import {
  eachOf,
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFields,
  parseNumber,
  parseText,
  recordOf,
} from '../engine/core/parse-values.ts';
import type { Parser } from '../engine/core/parse-values.ts';
import type { ActivityRequests } from '../engine/activity.ts';
import type { ActivityResults } from '../engine/runtime/plain-workflow.ts';
import { parseAdoptablePolicy } from '../journey/policy/adoption.ts';
import { parseJourneyFilter } from '../parse-filter.ts';
import { differenceTypes, refusableCommands, undecidedCauses, whatIfResults } from './contract.ts';
import type {
  JourneyComparison,
  WhatIfActivities,
  WhatIfInput,
  WhatIfOrder,
  WhatIfProgress,
  WhatIfProgressMemo,
} from './contract.ts';
import type { WhatIfState } from './state.ts';

/** Parsers of what what-ifs store and exchange. Another release may have written it. */

const order = {
  id: parseText,
  document: parseFields,
  policies: listOf(objectOf({ key: parseText, present: parseText, whatIf: parseText })),
  filter: parseJourneyFilter,
  since: orNull(parseText),
  total: parseNumber,
  by: parseText,
  at: parseText,
};

/** The memo with the request. */
export const parseOrder: Parser<WhatIfOrder> = objectOf(order);

export const parseInput: Parser<WhatIfInput> = objectOf({
  ...order,
  policy: parseAdoptablePolicy,
  sizes: objectOf({ page: parseNumber, pages: parseNumber }),
});

// A counter that an older release did not have is 0.
const parseCount = orAbsent(parseNumber, 0);
const parseSends = objectOf({ actual: parseNumber, whatIf: parseNumber });
const parseEvents = objectOf({ total: parseNumber, compared: parseNumber });

const counts = {
  done: parseNumber,
  results: eachOf(whatIfResults, parseCount),
  differences: eachOf(differenceTypes, parseCount),
  causes: eachOf(undecidedCauses, parseCount),
  refused: recordOf(parseNumber),
  sends: parseSends,
  events: parseEvents,
};

const parseProgress: Parser<WhatIfProgress> = objectOf({
  ...counts,
  state: oneOf(['running', 'stopped', 'done']),
  updatedAt: parseText,
});

export const parseState: Parser<WhatIfState> = objectOf({
  progress: parseProgress,
  cursor: orNull(parseText),
  processedIn: listOf(parseText),
});

/** The memo with the progress. */
export const parseProgressMemo: Parser<WhatIfProgressMemo> = objectOf({
  progress: parseProgress,
  processedIn: listOf(parseText),
});

const parseComparison: Parser<JourneyComparison> = objectOf({
  userId: parseText,
  result: oneOf(whatIfResults),
  differences: listOf(oneOf(differenceTypes)),
  refused: orNull(oneOf(refusableCommands)),
  undecidedFrom: orNull(parseText),
  cause: orNull(oneOf(undecidedCauses)),
  sends: parseSends,
  events: parseEvents,
  why: orNull(parseText),
});

export const whatIfRequests: ActivityRequests<WhatIfActivities> = {
  compareJourneys: objectOf({
    policy: parseAdoptablePolicy,
    filter: parseJourneyFilter,
    since: orNull(parseText),
    at: parseText,
    page: parseNumber,
    cursor: orNull(parseText),
  }),
};

export const whatIfActivityResults: ActivityResults<WhatIfActivities> = {
  compareJourneys: objectOf({ items: listOf(parseComparison), counts: objectOf(counts), next: orNull(parseText) }),
};
