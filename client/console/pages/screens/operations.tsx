import { operationLabel } from '#commands';
import { useState } from 'preact/hooks';
import type { Operation } from 'onward/client';
import { client, messageOf } from '../api.js';
import { targetLabels } from '../model/filter.js';
import { useClock, useLive, useLoaded } from '../hooks/live.js';
import { Card, Columns, Empty, Problem, ScrollRegion, Time } from '../components/ui.js';
import { OperationBadge, Progress } from '../components/operation/results.js';
import { RecoveryCard } from '../components/recovery-card.js';
import { ReconciliationCard } from '../components/reconciliation/card.js';
import { operationAddress } from '../router.js';
import { WebhooksCard } from '../components/webhooks/card.js';
import { number } from '../labels.js';

/** Bulk operations, automatic recovery, reconciliations and undelivered webhooks. */
export function OperationsScreen({ begin }: { begin: string | null }) {
  const { now } = useLive();
  return (
    <>
      <h1>Operations</h1>
      <div class="cards">
        {now !== null && <RecoveryCard recovery={now.recovery} begin={begin} />}
        <Card title="Start an operation">
          <p>
            Filter <a href="/console/people?step=stalled">People</a>, then act on all that match. A dry run comes first
            and shows the expected result for each user.
          </p>
        </Card>
      </div>
      <List newest={now?.operations} />
      <ReconciliationCard />
      <WebhooksCard />
    </>
  );
}

/** Lists bulk operations: the newest are live, older ones are loaded on request. */
function List({ newest }: { newest: readonly Operation[] | undefined }) {
  const first = useLoaded(() => client.operations({ limit: 20 }), []);
  const [older, setOlder] = useState<readonly Operation[]>([]);
  const [after, setAfter] = useState<string | null>();
  const [unreadable, setUnreadable] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<string>();
  const next = after === undefined ? first.value?.next : after;
  const known = new Set(newest?.map(({ id }) => id));
  const hidden = [...(first.value?.unreadable ?? []), ...unreadable];
  const shown = [...(newest ?? []), ...older.filter(({ id }) => !known.has(id))];
  const more = async () => {
    try {
      const page = await client.operations({ limit: 20, cursor: next ?? undefined });
      setOlder([...older, ...page.items]);
      setUnreadable([...unreadable, ...page.unreadable]);
      setAfter(page.next);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Card title="Bulk operations">
      {newest !== undefined && shown.length === 0 && (
        <Empty title="None yet.">
          A bulk operation applies one command to every journey that matches a filter, at a fixed rate, and reports the
          result for each user. Start one from People, with <code>onward operations begin</code>, or with{' '}
          <code>POST /v1/operations</code>.
        </Empty>
      )}
      {shown.length > 0 && (
        <ScrollRegion label="Operations">
          <table class="people">
            <Columns words={['Operation', 'Filter', 'State', 'Progress', 'By', 'When']} />
            <tbody>
              {shown.map((one) => (
                <OperationRow key={one.id} operation={one} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {hidden.length > 0 && (
        <Problem>
          {hidden.length === 1 ? 'One operation' : `${number(hidden.length)} operations`} cannot be read, because an
          encryption key was retired or something other than Onward wrote it: {hidden.join(', ')}
        </Problem>
      )}
      {problem !== undefined && <Problem>{problem}</Problem>}
      {next != null && (
        <button class="more" onClick={more}>
          Show older
        </button>
      )}
    </Card>
  );
}

function OperationRow({ operation }: { operation: Operation }) {
  const { id, command, dryRun, by, reason, at } = operation;
  const clock = useClock();
  return (
    <tr>
      <th scope="row">
        <a href={operationAddress(id)}>
          {operationLabel(command)}
          {dryRun && ' (dry run)'}
        </a>
      </th>
      <td class="prose">{targetLabels(operation)}</td>
      <td class="wraps">
        <OperationBadge operation={operation} />
      </td>
      <td>
        <Progress operation={operation} />
      </td>
      <td class="prose">
        {by.name}: <q>{reason}</q>
      </td>
      <td class="wraps">
        <Time at={at} now={clock} />
      </td>
    </tr>
  );
}
