import { z } from 'zod';
import { commandTypes } from '../../../workflows/journey/commands.ts';
import { differenceTypes, undecidedCauses, whatIfResults } from '../../../workflows/what-if/contract.ts';
import type { JourneyComparison } from '../../../workflows/what-if/contract.ts';
import type { WhatIf as WhatIfFields } from '../../what-ifs/read.ts';
import { counts, filter } from './journeys.ts';
import { time } from './journey.ts';
import { PolicyDocument } from './policy-document.ts';

/** Request and response schemas of the what-if routes. */

export const WhatIfBody = z
  .strictObject({
    policy: PolicyDocument,
    filter: z.strictObject(filter).optional().describe('The journeys to compare. Default: all that are stored.'),
    since: time.optional().describe('Only journeys that started at or after this time.'),
  })
  .meta({ examples: [{ policy: { guesses: { perChannel: 10 } }, filter: { state: 'expired' } }] });

export const WhatIfId = z
  .object({ id: z.string() })
  .meta({ examples: [{ id: '0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7' }] });

const result = z
  .enum(whatIfResults)
  .describe(
    '`same`: nothing that anyone could see differs. `differs`: it differs, and everything about it is known. `undecided`: the same up to a moment, and unknown from there on. `unreadable`: without a complete log; see `why`.',
  );
const difference = z
  .enum(differenceTypes)
  .describe(
    'How a journey differs up to the end of its comparison. `moreSends`, `fewerSends`: codes that were requested by then. `…Later` may be never. `commandRefused`: a command that the journey accepted would have been refused.',
  );
const cause = z
  .enum(undecidedCauses)
  .describe(
    'Why a journey is undecided. `commandRefused`: a command that it accepted would have been refused. `commandAllowed`: the policy allows a command that was refused then; a log does not say who tried. `otherOutcome`: the same event leads to another state. `otherTimer`: a timer fires in only one of the two. `providerCall`: a call to sFOX took so long that it may have timed out under the policy.',
  );
const sends = z
  .object({ actual: z.int(), whatIf: z.int() })
  .describe('Codes that were requested, and codes that would have been, up to the end of the comparison.');
const events = z
  .object({ total: z.int(), compared: z.int() })
  .describe('The number of events, and how many of them were compared.');

const whatIf = {
  id: z.string(),
  policy: PolicyDocument,
  policies: z
    .array(z.object({ key: z.string(), present: z.string(), whatIf: z.string() }))
    .describe('The policy of new journeys at that time next to this one, key by key.'),
  filter: z.object(filter),
  since: time.nullable(),
  total: z.int().describe('The number of journeys that matched at the start of the what-if.'),
  by: z.string(),
  at: time.describe('The start of the what-if. Journeys are compared up to this time.'),
  state: z.enum(['running', 'stopped', 'done']).describe('`stopped`: a caller stopped it, or an erasure ended it.'),
  done: z.int().describe('The number of journeys that were compared.'),
  results: counts(whatIfResults),
  differences: counts(differenceTypes),
  causes: counts(undecidedCauses),
  refused: z.record(z.string(), z.int()).describe('Refused commands, by their names.'),
  sends,
  events,
  updatedAt: time,
} satisfies { readonly [K in keyof WhatIfFields]: z.ZodType };

export const WhatIf = z.object(whatIf).meta({ id: 'WhatIf' });

export const WhatIfPage = z.object({
  items: z.array(WhatIf),
  next: z.string().nullable().describe('The cursor of the next page; `null` on the last page.'),
});

const comparison = {
  userId: z.string(),
  result,
  differences: z.array(difference),
  refused: z
    .enum([...commandTypes, 'recover', 'adoptPolicy'])
    .nullable()
    .describe('The command that would have been refused.'),
  undecidedFrom: time.nullable(),
  cause: cause.nullable(),
  sends,
  events,
  why: z.string().nullable().describe('Why the journey is unreadable.'),
} satisfies { readonly [K in keyof JourneyComparison]: z.ZodType };

export const WhatIfReport = z
  .object({
    ...whatIf,
    items: z.array(z.object(comparison)).describe('The journeys whose result is not `same`.'),
    next: z.string().nullable().describe('The cursor of the next page; `null` if there is none, or none yet.'),
  })
  .meta({ id: 'WhatIfReport' });
