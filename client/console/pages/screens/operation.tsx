import { operationLabel } from '#commands';
import { useState } from 'preact/hooks';
import type { OperationReport, OperationRequest } from 'onward/client';
import { RateInput } from '../components/bulk-dialog.js';
import { curlOf } from '../model/curl.js';
import { ActionDialog } from '../components/dialog.js';
import { client } from '../api.js';
import { filterLabels, targetLabels } from '../model/filter.js';
import { useClock, useIsOperator, useLive, useLoaded } from '../hooks/live.js';
import { useReport } from '../hooks/use-report.js';
import { ApprovalCard } from '../components/operation/approval.js';
import { OperationBadge, OverlapWarning, Progress } from '../components/operation/results.js';
import { Badge, Card, Columns, PageButtons, Problem, ScrollRegion, Time } from '../components/ui.js';
import { go, operationAddress, personAddress } from '../router.js';
import { journeyCount, number, operationOutcomeLabels } from '../labels.js';

/** One bulk operation: its progress and its result for each user. An operator can stop it, or carry out a dry run. */
export function OperationScreen({ id }: { id: string }) {
  const {
    report: operation,
    problem,
    pages,
    again,
  } = useReport(id, (cursor) => client.operation(id, { limit: 100, cursor }));
  if (operation === undefined) {
    return problem === undefined ? <p class="waiting">Loading …</p> : <Problem>{problem}</Problem>;
  }
  return (
    <>
      <Head operation={operation} />
      <ApprovalCard operation={operation} again={again} />
      <OverlapWarning overlaps={operation.overlaps} />
      <OperationActions operation={operation} again={again} />
      {operation.state !== 'awaitingApproval' && (
        <Card title={operation.dryRun ? 'Expected results' : 'Results'}>
          <Outcomes operation={operation} />
          {operation.items.length > 0 && <ByUser operation={operation} />}
          <PageButtons {...pages} />
        </Card>
      )}
    </>
  );
}

function Head({ operation }: { operation: OperationReport }) {
  const { command, dryRun, by, reason, at, note, stopped, perSecond } = operation;
  const clock = useClock();
  return (
    <div class="head">
      <h1>
        {operationLabel(command)}
        {dryRun && ' (dry run)'}
      </h1>
      <OperationBadge operation={operation} />
      <p>
        {targetLabels(operation)} · <Progress operation={operation} /> · {number(perSecond)} a second
      </p>
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

function Outcomes({ operation: { command, outcomes } }: { operation: OperationReport }) {
  return (
    <ul class="outcomes">
      {Object.entries(operationOutcomeLabels(command)).map(([outcome, label]) => {
        const count = outcomes[outcome as keyof typeof outcomes];
        return (
          <li key={outcome} class={count === 0 ? 'none' : ''}>
            <strong>{number(count)}</strong> {label}
          </li>
        );
      })}
    </ul>
  );
}

function ByUser({ operation: { command, items } }: { operation: OperationReport }) {
  const clock = useClock();
  const labels = operationOutcomeLabels(command);
  const isResend = command === 'resendWebhooks';
  return (
    <ScrollRegion label="By user">
      <table class="people">
        <Columns words={['User', ...(isResend ? ['Revision'] : []), 'Outcome', 'Why']} />
        <tbody>
          {items.map(({ userId, outcome, until, why, webhook }) => (
            <tr key={webhook?.id ?? userId}>
              <th scope="row">
                <a href={personAddress(userId)}>{userId}</a>
              </th>
              {isResend && (
                <td class="number" data-label="revision">
                  {webhook?.revision}
                </td>
              )}
              <td>
                <Badge tone={['sends', 'applied', 'verified'].includes(outcome) ? 'good' : 'held'}>
                  {labels[outcome]}
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

function OperationActions({ operation, again }: { operation: OperationReport; again: () => void }) {
  const [act, setAct] = useState<'stop' | 'carryOut'>();
  const isOperator = useIsOperator();
  const { principal } = useLive();
  const { id, state, command, dryRun, by } = operation;
  const isOwn = state === 'awaitingApproval' && by.name === principal.name;
  if (!isOperator) return null;
  return (
    <div class="buttons">
      {(state === 'running' || isOwn) && (
        <button onClick={() => setAct('stop')}>{isOwn ? 'Withdraw …' : 'Stop …'}</button>
      )}
      {dryRun && state === 'done' && (
        <button class="primary" onClick={() => setAct('carryOut')}>
          Carry it out …
        </button>
      )}
      {act === 'stop' && (
        <ActionDialog
          title={isOwn ? 'Withdraw the operation' : 'Stop the operation'}
          effect={
            isOwn
              ? 'It can no longer be approved. No journey is changed.'
              : `Commands in flight are completed, which takes seconds. Results so far remain; ${command === 'resendWebhooks' ? 'no other webhook is sent again' : 'no other journey is changed'}.`
          }
          verb={isOwn ? 'Withdraw' : 'Stop'}
          curl={(reason, key) => curlOf({ method: 'POST', path: `/v1/operations/${id}/stop`, body: { reason }, key })}
          act={async (reason) => {
            await client.stopOperation(id, { reason });
            again();
            return {
              text: isOwn ? 'The operation is withdrawn' : 'The operation stops',
              link: { href: operationAddress(id), label: 'Show' },
            };
          }}
          close={() => setAct(undefined)}
        />
      )}
      {act === 'carryOut' && command !== 'resendWebhooks' && (
        <CarryOut operation={operation} command={command} close={() => setAct(undefined)} />
      )}
    </div>
  );
}

interface CarryOutProps {
  readonly operation: OperationReport;
  readonly command: OperationRequest['command'];
  readonly close: () => void;
}

/** Carries out a dry run, for its users that still match. They are counted again, since journeys may have changed state. */
function CarryOut({ operation, command, close }: CarryOutProps) {
  const { id: dryRunId, policy, filter, outcomes, done } = operation;
  const adopted = policy !== null && { policy };
  const wanted = Number(new URLSearchParams(location.search).get('perSecond'));
  const [perSecond, setRate] = useState(wanted > 0 && wanted <= 100 ? wanted : 5);
  const { userIds, ...rest } = filter;
  const counted = useLoaded(async () => (userIds === undefined ? client.count(rest) : { count: done }), []);
  const expected = counted.value?.count;
  const request = (reason: string) => ({
    command,
    ...adopted,
    filter,
    expected: done,
    perSecond,
    dryRunId,
    reason,
  });
  return (
    <ActionDialog
      title={`${operationLabel(command)}: ${filterLabels(filter)}`}
      effect={
        <p>
          {expected === undefined ? (counted.problem ?? 'Counting again …') : `${journeyCount(expected)} match now.`}{' '}
          Only those of the dry run are taken; the result names who came or went. In the dry run,{' '}
          {number(outcomes.sends)} were to be sent a code, {number(outcomes.applied)} accepted the command without one,
          and {number(outcomes.limited + outcomes.invalidState)} rejected it. At this rate it takes about{' '}
          {number(Math.ceil((expected ?? 0) / perSecond))} s.
        </p>
      }
      verb={`${operationLabel(command)} ${expected === undefined ? '' : number(expected)}`}
      dangerous={command === 'cancel'}
      curl={(reason, key) => curlOf({ method: 'POST', path: '/v1/operations', body: request(reason), key })}
      act={async (reason, key) => {
        const { id } = await client.startOperation(request(reason), { idempotencyKey: key });
        go(operationAddress(id));
        return {
          text: `Requested: ${operationLabel(command)} for ${journeyCount(expected ?? done)}`,
          link: { href: operationAddress(id), label: 'Show' },
        };
      }}
      close={close}
    >
      <RateInput perSecond={perSecond} setRate={setRate} />
    </ActionDialog>
  );
}
