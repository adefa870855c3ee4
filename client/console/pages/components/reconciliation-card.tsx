import { useState } from 'preact/hooks';
import type { Reconciliation } from 'onward/client';
import { curlOf } from '../model/curl.js';
import { ActionDialog } from './dialog.js';
import { client } from '../api.js';
import { useClock, useIsOperator, useLoaded } from '../hooks/live.js';
import { Badge, Card, Columns, Empty, Problem, ScrollRegion, Time } from './ui.js';
import type { Tone } from '../labels.js';
import { number } from '../labels.js';

type State = Reconciliation['state'];

const tones: { readonly [S in State]: Tone } = {
  running: 'calm',
  waiting: 'calm',
  stopping: 'held',
  stopped: 'held',
  failed: 'bad',
  done: 'good',
};
const stateLabels: { readonly [S in State]: string } = {
  running: 'Running',
  waiting: 'Waiting',
  stopping: 'Stopping',
  stopped: 'Stopped',
  failed: 'Failed',
  done: 'Done',
};

const REFRESH_MS = 5_000;

/** Lists the newest reconciliations, and starts another or a dry run. */
export function ReconciliationCard() {
  const isOperator = useIsOperator();
  const [start, setStart] = useState<{ readonly dryRun: boolean }>();
  const [stopped, setStopped] = useState<Reconciliation>();
  const clock = useClock();
  const { value, problem, again } = useLoaded(
    () => client.reconciliations({ limit: 5 }),
    [Math.floor(clock / REFRESH_MS)],
  );
  const items = value?.items ?? [];
  const close = () => (setStart(undefined), setStopped(undefined), again());
  return (
    <Card title="Reconciliations">
      {problem !== undefined && <Problem>{problem}</Problem>}
      {value !== undefined && items.length === 0 && (
        <Empty title="None yet.">
          A reconciliation compares the users at sFOX with the journeys, starts a journey for users who have none, and
          rechecks those who are verified or unsupported there. It sends no code.
        </Empty>
      )}
      {items.length > 0 && <Rows items={items} stop={isOperator ? setStopped : undefined} />}
      <div class="buttons">
        {isOperator && <button onClick={() => setStart({ dryRun: true })}>Dry run …</button>}
        {isOperator && <button onClick={() => setStart({ dryRun: false })}>Reconcile …</button>}
      </div>
      {start !== undefined && <StartDialog dryRun={start.dryRun} close={close} />}
      {stopped !== undefined && <StopDialog reconciliation={stopped} close={close} />}
    </Card>
  );
}

function StartDialog({ dryRun, close }: { dryRun: boolean; close: () => void }) {
  return (
    <ActionDialog
      title={dryRun ? 'Dry run of a reconciliation' : 'Reconcile'}
      effect={
        dryRun
          ? 'Reads the list of users at sFOX and reports what would be done for each user. Nothing is changed.'
          : 'Reads the list of users at sFOX, starts a journey for users who have none, and rechecks those who are verified or unsupported there. No code is sent.'
      }
      verb={dryRun ? 'Start the dry run' : 'Reconcile'}
      curl={(reason, key) => curlOf({ method: 'POST', path: '/v1/reconciliations', body: { dryRun, reason }, key })}
      act={async (reason, idempotencyKey) => {
        await client.startReconciliation({ dryRun, reason }, { idempotencyKey });
        return {
          text: dryRun ? 'Started a dry run of a reconciliation' : 'Started a reconciliation',
          link: { href: '/console/operations', label: 'Show' },
        };
      }}
      close={close}
    />
  );
}

function StopDialog({ reconciliation: { id }, close }: { reconciliation: Reconciliation; close: () => void }) {
  return (
    <ActionDialog
      title="Stop the reconciliation"
      effect="Commands in flight are completed, which takes seconds. What was done so far remains; no other journey is changed."
      verb="Stop"
      curl={(reason, key) => curlOf({ method: 'POST', path: `/v1/reconciliations/${id}/stop`, body: { reason }, key })}
      act={async (reason) => {
        await client.stopReconciliation(id, { reason });
        return { text: 'The reconciliation stops', link: { href: '/console/operations', label: 'Show' } };
      }}
      close={close}
    />
  );
}

interface RowsProps {
  readonly items: readonly Reconciliation[];
  /** Absent for who may not stop one. */
  readonly stop: ((reconciliation: Reconciliation) => void) | undefined;
}

const canStop = ({ state }: Reconciliation) => state === 'running' || state === 'waiting';

function Rows({ items, stop }: RowsProps) {
  const clock = useClock();
  return (
    <ScrollRegion label="Reconciliations">
      <table class="people">
        <Columns words={['State', 'Users', 'Outcomes', 'By', 'When']} />
        <tbody>
          {items.map((item) => (
            <Row key={item.id} item={item} stop={stop} clock={clock} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Row({ item, stop, clock }: Pick<RowsProps, 'stop'> & { item: Reconciliation; clock: number }) {
  const { state, dryRun, users, outcomes, waiting, note, by, reason, at } = item;
  return (
    <tr>
      <th scope="row">
        <Badge tone={tones[state]}>{stateLabels[state]}</Badge> {dryRun && '(dry run)'}{' '}
        {stop !== undefined && canStop(item) && <button onClick={() => stop(item)}>Stop …</button>}
      </th>
      <td class="number" data-label="users">
        {users === null ? '' : number(users)}
      </td>
      <td class="prose">{note ?? describeOutcomes(outcomes, waiting)}</td>
      <td class="prose">
        {by.name}: <q>{reason}</q>
      </td>
      <td>
        <Time at={at} now={clock} />
      </td>
    </tr>
  );
}

function describeOutcomes(outcomes: Reconciliation['outcomes'], waiting: number): string {
  const counted = [...Object.entries(outcomes), ['waiting', waiting] as const].filter(([, count]) => count > 0);
  return counted.length === 0
    ? 'no differences'
    : counted.map(([name, count]) => `${number(count)} ${name}`).join(', ');
}
