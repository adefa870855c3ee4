import { objectOf, oneOf, orNull, parseFlag, UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import type { UpdateName, Updates } from '../../workflows/contract.ts';
import { commandNames } from '../../workflows/journey/commands.ts';
import type { CommandName } from '../../workflows/journey/commands.ts';
import { parsePreview } from '../../workflows/journey/stored/parse-preview.ts';
import { stallReasons } from '../../workflows/journey/stall-reasons.ts';

const parsePreviewed = objectOf({ preview: parsePreview });

const parseTrue: Parser<true> = (value, path) => {
  if (value === true) return value;
  throw new UnreadableValue(path, 'true or absent');
};

type ResultParsers = { readonly [Name in UpdateName]: Parser<Updates[Name]['result']> };

const parsers: ResultParsers = {
  submitCode: objectOf({ outcome: oneOf(['verified', 'incorrect']) }),
  supersede: () => ({}),
  adoptPolicy: parsePreviewed,
  recover: objectOf({
    verdict: objectOf({ reachedProvider: parseFlag, reason: orNull(oneOf(stallReasons)) }, { offered: parseTrue }),
  }),
  ...(Object.fromEntries(commandNames.map((name) => [name, parsePreviewed])) as Pick<ResultParsers, CommandName>),
};

/**
 * Parses the result of an update. The worker that has replied may run another release.
 *
 * @throws UnreadableValue
 */
export function parseUpdateResult<Name extends UpdateName>(name: Name, result: unknown): Updates[Name]['result'] {
  return parsers[name](result, 'result');
}
