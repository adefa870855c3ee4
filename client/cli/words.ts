import type { StallReason, Step } from '../../workflows/context.ts';
import type { Status } from '../../workflows/status.ts';

const steps: { readonly [S in Step]: string } = {
  sending: 'sending a code',
  awaitingCode: 'awaiting the code',
  checkingCode: 'checking the code',
  locked: 'locked, guesses spent',
  stalled: 'stalled',
  paused: 'paused',
};

const reasons: { readonly [R in StallReason]: string } = {
  providerUnavailable: 'provider away',
  providerRefused: 'provider refused',
  credentials: 'key refused',
  rateLimited: 'asked too often',
  sendLimit: 'send limit',
};

/** What a journey is doing inside its state, in words; nothing where the state says it all. */
export function stepInWords({ step, stalled }: Pick<Status, 'step' | 'stalled'>): string {
  if (step === null) return '';
  return stalled === null ? steps[step] : `${steps[step]}, ${reasons[stalled.reason]}`;
}

/** State and step, in words. */
export function placeInWords(status: Pick<Status, 'state' | 'step' | 'stalled'>): string {
  return [status.state, stepInWords(status)].filter((part) => part !== '').join(', ');
}
