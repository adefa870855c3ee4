import { operationHeadline } from '#operation-text';
import type { Operation, OperationReport } from 'onward/client';
import { operationLabel } from '#commands';
import { useClock } from '../../hooks/live.js';
import { number } from '../../labels.js';
import type { Tone } from '../../labels.js';
import { operationAddress } from '../../router.js';
import { Badge, Time } from '../ui.js';

/** The results of a bulk operation. Green means that every journey applied the command. */

type ShownOperation = Pick<Operation, 'state' | 'dryRun' | 'results'>;

export function OperationBadge({ operation }: { operation: ShownOperation }) {
  return <Badge tone={toneOf(operation)}>{operationHeadline(operation)}</Badge>;
}

function toneOf({ state, results: { applied, refused, unanswered } }: ShownOperation): Tone {
  const others = refused + unanswered;
  if (others > 0) return applied === 0 ? 'bad' : 'warn';
  if (state === 'done') return 'good';
  if (state === 'rejected' || state === 'expired') return 'warn';
  return state === 'running' ? 'calm' : 'held';
}

/** A bar of the users by result. The numbers beside it say the same. */
function ResultBar({ operation }: { operation: Pick<Operation, 'results' | 'total' | 'expected'> }) {
  const { applied, refused, unanswered } = operation.results;
  const whole = Math.max(1, operation.total ?? operation.expected, applied + refused + unanswered);
  const widthOf = (users: number) => (users / whole) * 100;
  return (
    <svg class="bar results" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rest" width="100" height="6" />
      <rect class="good" width={widthOf(applied)} height="6" />
      <rect class="warn" x={widthOf(applied)} width={widthOf(refused)} height="6" />
      <rect class="bad" x={widthOf(applied + refused)} width={widthOf(unanswered)} height="6" />
    </svg>
  );
}

/** How many of the journeys are done, with a bar of their results. */
export function Progress({ operation }: { operation: Operation }) {
  const { done, total, expected } = operation;
  return (
    <>
      {number(done)} of {number(total ?? expected)} <ResultBar operation={operation} />
    </>
  );
}

/** Warns in a dry run that other operators act on the same users now. */
export function OverlapWarning({ overlaps }: Pick<OperationReport, 'overlaps'>) {
  const clock = useClock();
  if (overlaps.length === 0) return null;
  return (
    <div class="problem" role="alert">
      <p>Another operation acts on the same people now. Wait for it, or the later one may be refused.</p>
      <ul>
        {overlaps.map(({ id, command, by, at, users }) => (
          <li key={id}>
            <a href={operationAddress(id)}>{operationLabel(command)}</a> by {by.name}, <Time at={at} now={clock} />:{' '}
            {number(users)} of these people
          </li>
        ))}
      </ul>
    </div>
  );
}
