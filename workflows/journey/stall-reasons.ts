/** Why a send that is due cannot proceed. */
export const stallReasons = [
  'providerUnavailable',
  'providerRefused',
  'credentials',
  'rateLimited',
  'sendLimit',
  'sendBudget',
  'unknownUser',
  'unsupported',
] as const;
export type StallReason = (typeof stallReasons)[number];

/** The reasons that recovery handles. A refusal does not resolve by itself, and a send limit ends on a timer. */
export const recoverableReasons: readonly StallReason[] = ['providerUnavailable', 'credentials', 'rateLimited'];

/** The reasons that recovery revisits hourly: the provider may know the user by now and sends no notification. */
export const reasonsToRevisit: readonly StallReason[] = ['unknownUser'];
