import { log } from '@temporalio/activity';
import { OnwardError, Unavailable } from '../../client/errors.ts';
import { translateError } from '../../client/temporal/translate-errors.ts';

/**
 * Whether an error is about one journey, which must not delay the others of its batch: a batch that fails is repeated for as long as
 * it fails. Any other error says that Temporal cannot be reached. An unexpected error is logged.
 */
export function concernsOneJourney(error: unknown, userId: string): boolean {
  const translated = translateError(error);
  if (translated instanceof Unavailable)
    return translated.afterDeadline || translated.isWorkflowTaskFailing || translated.isLasting;
  if (!(translated instanceof OnwardError)) log.error('a journey was left out of its batch', { userId, error });
  return true;
}
