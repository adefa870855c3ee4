import { z } from 'zod';
import { wholeNumber } from './journey.ts';

export { JourneyExport } from '../../exports/schema.ts';

export const ExportQuery = z.strictObject({
  at: wholeNumber(1, 999_999_999)
    .optional()
    .describe('The revision of the last status to include. Default: the newest.'),
  texts: z
    .literal('keep')
    .optional()
    .describe('Keep the reasons of operators and the texts of the provider, which may name people.'),
});
