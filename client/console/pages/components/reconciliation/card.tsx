import { useState } from 'preact/hooks';
import type { Reconciliation } from 'onward/client';
import { client } from '../../api.js';
import { useClock, useIsOperator, useLoaded } from '../../hooks/live.js';
import { number } from '../../labels.js';
import { reconciliationAddress } from '../../router.js';
import { Card, Columns, Empty, Problem, ScrollRegion, Time } from '../ui.js';
import { StartReconciliation } from './start-dialog.js';
import { describeOutcomes, ReconciliationBadge } from './state.js';

const REFRESH_MS = 5_000;

/** Lists the newest reconciliations, each with a link to its page, and starts another or a dry run. */
export function ReconciliationCard() {
  const isOperator = useIsOperator();
  const [start, setStart] = useState<{ readonly dryRun: boolean }>();
  const clock = useClock();
  const { value, problem, again } = useLoaded(
    () => client.reconciliations({ limit: 5 }),
    [Math.floor(clock / REFRESH_MS)],
  );
  const items = value?.items ?? [];
  const close = () => (setStart(undefined), again());
  return (
    <Card title="Reconciliations">
      {problem !== undefined && <Problem>{problem}</Problem>}
      {value !== undefined && items.length === 0 && (
        <Empty title="None yet.">
          A reconciliation compares the users at sFOX with the journeys, starts a journey for users who have none, and
          rechecks those who are verified or unsupported there. It sends no code.
        </Empty>
      )}
      {items.length > 0 && <Rows items={items} />}
      <div class="buttons">
        {isOperator && <button onClick={() => setStart({ dryRun: true })}>Dry run …</button>}
        {isOperator && <button onClick={() => setStart({ dryRun: false })}>Reconcile …</button>}
      </div>
      {start !== undefined && <StartReconciliation dryRun={start.dryRun} close={close} />}
    </Card>
  );
}

function Rows({ items }: { items: readonly Reconciliation[] }) {
  const clock = useClock();
  return (
    <ScrollRegion label="Reconciliations">
      <table class="people">
        <Columns words={['Reconciliation', 'State', 'Users', 'Outcomes', 'By', 'When']} />
        <tbody>
          {items.map((item) => (
            <Row key={item.id} item={item} clock={clock} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Row({ item, clock }: { item: Reconciliation; clock: number }) {
  const { id, state, dryRun, users, note, by, reason, at } = item;
  return (
    <tr>
      <th scope="row">
        <a href={reconciliationAddress(id)}>{dryRun ? 'Dry run' : 'Reconciliation'}</a>
      </th>
      <td>
        <ReconciliationBadge state={state} />
      </td>
      <td class="number" data-label="users">
        {users === null ? '' : number(users)}
      </td>
      <td class="prose">{note ?? describeOutcomes(item)}</td>
      <td class="prose">
        {by.name}: <q>{reason}</q>
      </td>
      <td>
        <Time at={at} now={clock} />
      </td>
    </tr>
  );
}
