import type { Reconciliation } from 'onward/client';
import { Badge } from '../ui.js';
import { number } from '../../labels.js';
import type { Tone } from '../../labels.js';

type State = Reconciliation['state'];

const states: { readonly [S in State]: { readonly label: string; readonly tone: Tone } } = {
  running: { label: 'Running', tone: 'calm' },
  waiting: { label: 'Waiting', tone: 'calm' },
  stopping: { label: 'Stopping', tone: 'held' },
  stopped: { label: 'Stopped', tone: 'held' },
  failed: { label: 'Failed', tone: 'bad' },
  done: { label: 'Done', tone: 'good' },
};

export function ReconciliationBadge({ state }: Pick<Reconciliation, 'state'>) {
  return <Badge tone={states[state].tone}>{states[state].label}</Badge>;
}

export const canStop = ({ state }: Pick<Reconciliation, 'state'>) => state === 'running' || state === 'waiting';

export const differenceLabels: { readonly [D in keyof Reconciliation['differences']]: string } = {
  noJourney: 'No journey here',
  verified: 'Verified at sFOX',
  unsupported: 'Unsupported at sFOX',
  supported: 'Supported again at sFOX',
  partlyVerified: 'E-mail verified at sFOX',
  notRegistered: 'Not registered at sFOX',
};

export const outcomeLabels: { readonly [O in keyof Reconciliation['outcomes']]: string } = {
  started: 'Started',
  later: 'Started later',
  existing: 'Started meanwhile',
  rechecked: 'Rechecked',
  verified: 'Done already',
  reported: 'Reported only',
  invalidState: 'Not allowed in this state',
  limited: 'Limited',
  unanswered: 'No answer',
};

type Counted = Pick<Reconciliation, 'dryRun' | 'outcomes' | 'waiting'>;

/** The outcomes that occurred, in one line. */
export function describeOutcomes({ dryRun, outcomes, waiting }: Counted): string {
  const counted = Object.entries(outcomes).flatMap(([outcome, count]) =>
    count === 0 ? [] : [`${number(count)} ${outcomeLabels[outcome as keyof typeof outcomeLabels].toLowerCase()}`],
  );
  // A dry run does not wait: it counts them as started later.
  if (waiting > 0 && !dryRun) counted.push(`${number(waiting)} waiting`);
  return counted.length === 0 ? 'no differences' : counted.join(', ');
}
