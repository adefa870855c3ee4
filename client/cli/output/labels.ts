import type { Status } from '../../../workflows/journey/status/status.ts';
import { reasonLabels, stepLabels } from '../../presentation/labels.ts';

/** Labels the step of a journey and the reason of a stall; empty if the state has no steps. */
export function stepLabel({ step, stalled }: Pick<Status, 'step' | 'stalled'>): string {
  if (step === null) return '';
  const labels = stalled === null ? [stepLabels[step]] : [stepLabels[step], reasonLabels[stalled.reason]];
  return labels.join(', ').toLowerCase();
}

/** Labels the state and step of a journey. */
export function positionLabel(status: Pick<Status, 'state' | 'step' | 'stalled'>): string {
  return [status.state, stepLabel(status)].filter((part) => part !== '').join(', ');
}
