import { useState } from 'preact/hooks';
import type { ReconciliationReport } from 'onward/client';
import { client } from '../api.js';
import {
  canStop,
  describeOutcomes,
  differenceLabels,
  outcomeLabels,
  ReconciliationBadge,
} from '../components/reconciliation/state.js';
import { StartReconciliation } from '../components/reconciliation/start-dialog.js';
import { StopReconciliation } from '../components/reconciliation/stop-dialog.js';
import { Badge, Bar, Card, Columns, Empty, PageButtons, Problem, ScrollRegion, Time } from '../components/ui.js';
import { useClock, useIsOperator } from '../hooks/live.js';
import { useReport } from '../hooks/use-report.js';
import { number, userCount } from '../labels.js';
import { personAddress } from '../router.js';

/** One reconciliation: its progress, and how each user differed and what was done. An operator can stop it, or carry out a dry run. */
export function ReconciliationScreen({ id }: { id: string }) {
  const { report, problem, pages, again } = useReport(id, (cursor) =>
    client.reconciliation(id, { limit: 100, cursor }),
  );
  if (report === undefined) {
    return problem === undefined ? <p class="waiting">Loading …</p> : <Problem>{problem}</Problem>;
  }
  return (
    <>
      <Head report={report} />
      <Actions report={report} again={again} />
      <Card title={report.dryRun ? 'What would be done' : 'What was done'}>
        <p>{capitalized(describeOutcomes(report))}</p>
        {report.items.length > 0 && <ByUser report={report} />}
        {report.items.length === 0 && report.state === 'done' && (
          <Empty title="No user differs.">Every user at sFOX has a journey that agrees with the record.</Empty>
        )}
        <PageButtons {...pages} />
      </Card>
    </>
  );
}

const capitalized = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function Head({ report }: { report: ReconciliationReport }) {
  const { dryRun, state, users, unreadable, done, total, perSecond, waiting, waitingUntil } = report;
  const { by, at, reason, stopped, note } = report;
  const clock = useClock();
  return (
    <div class="head">
      <h1>Reconciliation{dryRun && ' (dry run)'}</h1>
      <ReconciliationBadge state={state} />
      <p>
        {users === null ? 'The list of users has not been read' : `${userCount(users)} at sFOX`}
        {unreadable > 0 && ` (${number(unreadable)} unreadable)`} · {number(done)} of{' '}
        {total === null ? 'not yet counted' : number(total)} · {number(perSecond)} a second
      </p>
      {total !== null && total > 0 && <Bar share={done / total} />}
      {waitingUntil !== null && (
        <p>
          {userCount(waiting)} without a journey wait for the sign-up event: <Time at={waitingUntil} now={clock} />
        </p>
      )}
      <p class="quiet">
        {by.name}, <Time at={at} now={clock} />: <q>{reason}</q>
      </p>
      {stopped !== null && (
        <p>
          Stopped by {stopped.by.name}, <Time at={stopped.at} now={clock} />: <q>{stopped.reason}</q>
        </p>
      )}
      {note !== null && <Problem>{note}</Problem>}
    </div>
  );
}

function Actions({ report, again }: { report: ReconciliationReport; again: () => void }) {
  const [act, setAct] = useState<'stop' | 'reconcile'>();
  const isOperator = useIsOperator();
  const close = () => (setAct(undefined), again());
  if (!isOperator) return null;
  return (
    <div class="buttons">
      {canStop(report) && <button onClick={() => setAct('stop')}>Stop …</button>}
      {report.dryRun && report.state === 'done' && (
        <button class="primary" onClick={() => setAct('reconcile')}>
          Reconcile …
        </button>
      )}
      {act === 'stop' && <StopReconciliation id={report.id} close={close} />}
      {act === 'reconcile' && <StartReconciliation dryRun={false} close={close} />}
    </div>
  );
}

function ByUser({ report: { items } }: { report: ReconciliationReport }) {
  const clock = useClock();
  return (
    <ScrollRegion label="By user">
      <table class="people">
        <Columns words={['User', 'Difference', 'Outcome', 'Why']} />
        <tbody>
          {items.map(({ userId, difference, outcome, until, why }) => (
            <tr key={userId}>
              <th scope="row">
                <a href={personAddress(userId)}>{userId}</a>
              </th>
              <td>{differenceLabels[difference]}</td>
              <td>
                <Badge tone={['started', 'rechecked', 'verified', 'existing'].includes(outcome) ? 'good' : 'held'}>
                  {outcomeLabels[outcome]}
                </Badge>
              </td>
              <td class="prose">{until === null ? why : <Time at={until} now={clock} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
