import { stepLabels } from '#labels';
import { stateFacts, states } from '#states';
import type { CommandPreview, Operation, State, Status } from 'onward/client';

export { reasonLabels, stepLabels } from '#labels';

/** The labels of the console. A colour is always shown with one of them. */

export type Step = NonNullable<Status['step']>;

export const stateLabels = Object.fromEntries(states.map((state) => [state, stateFacts[state].label])) as {
  readonly [S in State]: string;
};

export const accountLabels = { individual: 'Individual', business: 'Business' } as const;

export const channelStatusLabels = {
  waiting: 'Not yet',
  pending: 'Pending',
  verified: 'Verified',
  notNeeded: 'Not needed',
} as const;

export const evidenceLabels = {
  code: 'by a code',
  provider: 'by the provider',
  operator: 'by an operator',
} as const;

export const sendLabels = {
  sent: 'sent',
  notSent: 'not sent',
  unknown: 'unknown whether sent',
  alreadyVerified: 'already verified',
} as const;

const journeyOutcomes = {
  sends: 'Sends a code',
  applied: 'Applied, no code',
  verified: 'Already verified',
  limited: 'Limited',
  invalidState: 'Not allowed in this state',
  unanswered: 'No answer',
  notInDryRun: 'Not in the dry run: skipped',
  noLongerMatches: 'No longer matches: skipped',
} as const;
const webhookOutcomes = {
  applied: 'Delivered',
  undelivered: 'Not accepted by the receiver',
  unanswered: 'No answer',
  noLongerMatches: 'Delivered before: skipped',
} as const;

type Labels = { readonly [O in CommandPreview['outcome']]: string };
export const outcomeLabels: Labels = { ...webhookOutcomes, ...journeyOutcomes };
/** The outcomes that a bulk operation may have. */
export const operationOutcomeLabels = (command: Operation['command']): Partial<Labels> =>
  command === 'resendWebhooks' ? webhookOutcomes : journeyOutcomes;

export const recoveryLabels = {
  probing: 'Checking: Up to three journeys are retried first, to see whether the provider answers',
  draining: 'Retrying: The provider answers, and stalled journeys are retried at a limited rate',
  waiting: 'Waiting: The journeys that were tried have failed again; the next run tries again',
  idle: 'Idle',
  paused: 'Paused: Until an operator resumes it',
} as const;

export const queueLabels = { journeys: 'Journeys', sends: 'Sends', checks: 'Checks' } as const;

/** The meaning of a colour. */
export type Tone = 'calm' | 'good' | 'warn' | 'bad' | 'held' | 'over';

export const isFinal = (state: State) => stateFacts[state].kind === 'final';

export function toneOf(state: State, step: Step | null): Tone {
  if (step === 'stalled') return 'warn';
  if (step === 'locked') return 'bad';
  if (step === 'paused') return 'held';
  if (state === 'done') return 'good';
  return isFinal(state) ? 'over' : 'calm';
}

export function positionLabel(state: State, step: Step | null): string {
  return step === null ? stateLabels[state] : `${stateLabels[state]} · ${stepLabels[step]}`;
}

const numbers = new Intl.NumberFormat('en');
export const number = (value: number) => numbers.format(value);
export const userCount = (count: number) => `${number(count)} ${count === 1 ? 'person' : 'people'}`;
export const journeyCount = (count: number) => `${number(count)} ${count === 1 ? 'journey' : 'journeys'}`;
