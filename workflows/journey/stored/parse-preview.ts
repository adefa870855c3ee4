import { objectOf, oneOf, orNull, parseText } from '../../engine/core/parse-values.ts';
import type { Parser } from '../../engine/core/parse-values.ts';
import { previewOutcomes } from '../status/preview.ts';
import type { CommandPreview } from '../status/preview.ts';

export const parsePreview: Parser<CommandPreview> = objectOf({
  outcome: oneOf(previewOutcomes),
  until: orNull(parseText),
  why: orNull(parseText),
});
