import type { Step } from '../../workflows/journey/context.ts';
import type { StallReason } from '../../workflows/journey/stall-reasons.ts';

/** The labels that the CLI, the console and the docs share. It imports only types, since browsers load it too. */

export const stepLabels: { readonly [S in Step]: string } = {
  sending: 'Sending',
  awaitingCode: 'Awaiting code',
  checkingCode: 'Checking code',
  locked: 'Locked',
  stalled: 'Stalled',
  paused: 'Paused',
};

export const reasonLabels: { readonly [R in StallReason]: string } = {
  providerUnavailable: 'Provider unavailable',
  providerRefused: 'Provider refused',
  credentials: 'Key refused',
  rateLimited: 'Rate limited',
  sendLimit: 'Send limit',
  sendBudget: 'Send budget',
  unknownUser: 'Unknown user',
  unsupported: 'Unsupported',
};
