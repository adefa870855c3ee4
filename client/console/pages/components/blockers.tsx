import { useState } from 'preact/hooks';
import type { Dashboard } from 'onward/client';
import { queryOf } from '#http-request';
import { useClock, useIsOperator } from '../hooks/live.js';
import { journeyCount, reasonLabels } from '../labels.js';
import type { Tone } from '../labels.js';
import { RecoveryDialog } from './recovery-card.js';
import type { RecoveryAction } from './recovery-card.js';
import { operationAddress } from '../router.js';
import { Badge, Time } from './ui.js';

type Blocker = Dashboard['summary']['blockers'][number];

const tones: { readonly [kind: string]: Tone } = {
  recoveryPaused: 'held',
  noWorker: 'bad',
  codeError: 'bad',
  slowReplay: 'bad',
  keyRefused: 'bad',
  providerSilent: 'bad',
  providerFailing: 'bad',
  providerUnknown: 'bad',
  providerRateLimited: 'warn',
  credentials: 'warn',
  providerAway: 'warn',
  rateLimited: 'warn',
  providerRefuses: 'warn',
  unknownUser: 'warn',
  unsupported: 'held',
  webhooks: 'warn',
  approval: 'held',
  operator: 'held',
  time: 'calm',
  user: 'calm',
};

const kindLabels: { readonly [kind: string]: string } = {
  recoveryPaused: 'Recovery paused',
  noWorker: 'No worker',
  codeError: 'Code error',
  slowReplay: 'Slow replay',
  keyRefused: 'Key refused',
  providerSilent: 'Provider unreachable',
  providerFailing: 'Provider failing',
  providerUnknown: 'Outcomes unknown',
  providerRateLimited: 'Rate limited',
  credentials: 'Stalled: key refused',
  providerAway: 'Stalled: provider unavailable',
  rateLimited: 'Stalled: rate limited',
  providerRefuses: 'Provider refuses',
  unknownUser: 'Unknown to the provider',
  unsupported: 'Unsupported by the provider',
  webhooks: 'Undelivered webhooks',
  approval: 'Approval',
  operator: 'Held',
  time: 'Limits',
  user: 'Users',
};

/** What needs an operator, the most severe first: what, how many, since when, what to do, and one button. */
export function Attention({ now }: { now: Dashboard }) {
  const present = now.summary.blockers.filter(
    ({ kind, description }) => description !== null && tones[kind] !== 'calm',
  );
  const [act, setAct] = useState<RecoveryAction>();
  return (
    <section class="card attention" aria-label="Attention">
      <header>
        <h2>Attention</h2>
        {present.length > 0 && <span class="quiet">the most severe first</span>}
      </header>
      {present.length === 0 ? (
        <p>
          <Badge tone="good">All clear</Badge> Nothing needs attention.
        </p>
      ) : (
        <ul class="blockers">
          {present.map((blocker) => (
            <Item key={blocker.kind} blocker={blocker} now={now} begin={setAct} />
          ))}
        </ul>
      )}
      {act !== undefined && <RecoveryDialog act={act} close={() => setAct(undefined)} />}
    </section>
  );
}

interface ItemProps {
  readonly blocker: Blocker;
  readonly now: Dashboard;
  readonly begin: (act: RecoveryAction) => void;
}

function Item({ blocker, now, begin }: ItemProps) {
  const { kind, journeys, description, since, action } = blocker;
  const clock = useClock();
  return (
    <li>
      <Badge tone={tones[kind] ?? 'warn'}>{kindLabels[kind] ?? kind}</Badge>
      <div>
        <p>{description !== null && <WithCode text={description} />}</p>
        <p class="quiet details">
          {journeys !== null && journeys > 0 && description?.includes(journeyCount(journeys)) !== true && (
            <span>{journeyCount(journeys)}</span>
          )}
          {since !== null && (
            <span>
              since <Time at={since} now={clock} />
            </span>
          )}
          {action !== null && description?.includes(action) !== true && (
            <span>
              to do: <WithCode text={action} />
            </span>
          )}
        </p>
      </div>
      <Remedy blocker={blocker} now={now} begin={begin} />
    </li>
  );
}

/** A text with commands between backticks. */
function WithCode({ text }: { text: string }) {
  return <>{text.split('`').map((part, nth) => (nth % 2 === 1 ? <code key={nth}>{part}</code> : part))}</>;
}

/** The one button of an item: what an operator does next, or where to look. */
function Remedy({ blocker: { kind, journeys }, now, begin }: ItemProps) {
  const isOperator = useIsOperator();
  if (kind === 'recoveryPaused') {
    return isOperator && <button onClick={() => begin('resume')}>Resume recovery …</button>;
  }
  if (kind === 'approval') {
    const [only, ...others] = now.operations.filter(({ state }) => state === 'awaitingApproval');
    return (
      <a
        class="button"
        href={only === undefined || others.length > 0 ? '/console/operations' : operationAddress(only.id)}
      >
        {others.length > 0 ? 'Show operations' : 'Show operation'}
      </a>
    );
  }
  if (kind === 'webhooks') {
    return (
      <a class="button" href="/console/operations">
        Show webhooks
      </a>
    );
  }
  const reason = reasonOf[kind] ?? (kind in reasonLabels ? kind : undefined);
  if (journeys === null || journeys === 0 || ['noWorker', 'codeError', 'slowReplay'].includes(kind)) {
    return (
      <a class="button" href={kind.startsWith('provider') || kind === 'keyRefused' ? '#provider' : '#workers'}>
        Show details
      </a>
    );
  }
  const { locked, paused } = now.summary.steps;
  const filter =
    kind === 'operator' ? { step: locked > 0 || paused === 0 ? 'locked' : 'paused' } : { step: 'stalled', reason };
  return (
    <a class="button" href={`/console/people${queryOf(filter)}`}>
      Show people
    </a>
  );
}

/** The stall reason that a blocker counts, where they have different names. */
const reasonOf: { readonly [kind: string]: string } = {
  providerAway: 'providerUnavailable',
  providerRefuses: 'providerRefused',
  time: 'sendLimit',
};
