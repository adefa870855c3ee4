import { operationLabel, operationTarget } from '#commands';
import { awaitsText } from '#operation-text';
import { useState } from 'preact/hooks';
import type { OperationReport } from 'onward/client';
import { client } from '../../api.js';
import { useClock, useIsOperator, useLive } from '../../hooks/live.js';
import { number } from '../../labels.js';
import { curlOf } from '../../model/curl.js';
import { targetLabels } from '../../model/filter.js';
import { operationAddress } from '../../router.js';
import { ActionDialog } from '../dialog.js';
import { Badge, Card, Time } from '../ui.js';

interface ApprovalProps {
  readonly operation: OperationReport;
  readonly again: () => void;
}

/** The approval of an operation by a second operator: the request, who decided, or the buttons to decide. */
export function ApprovalCard({ operation, again }: ApprovalProps) {
  const clock = useClock();
  const { approval, dryRunId } = operation;
  if (approval === null) return null;
  const { decision, until } = approval;
  const awaits = awaitsText(operation);
  return (
    <Card title="Approval">
      {decision !== null && (
        <p>
          <Badge tone={decision.decision === 'approved' ? 'good' : 'bad'}>
            {decision.decision === 'approved' ? 'Approved' : 'Rejected'}
          </Badge>{' '}
          by {decision.by.name}, <Time at={decision.at} now={clock} />: <q>{decision.reason}</q>
        </p>
      )}
      {awaits !== null && (
        <>
          <p>{awaits}</p>
          <p class="quiet">
            Without a decision it expires <Time at={until} now={clock} />.{' '}
            {dryRunId !== null && <a href={operationAddress(dryRunId)}>Expected results: the dry run</a>}
          </p>
          <Decide operation={operation} again={again} />
        </>
      )}
    </Card>
  );
}

const verbs = { approve: 'Approve', reject: 'Reject' } as const;

function Decide({ operation, again }: ApprovalProps) {
  const { id, by, digest, command, expected, perSecond } = operation;
  const [act, setAct] = useState<keyof typeof verbs>();
  const isOperator = useIsOperator();
  const { principal } = useLive();
  if (!isOperator) return null;
  if (principal.name === by.name) return <p>You asked for it, so another operator decides.</p>;
  const what = `${operationLabel(command)} for ${number(expected)} ${operationTarget(command, expected)}`;
  return (
    <div class="buttons">
      <button class="primary" onClick={() => setAct('approve')}>
        Approve …
      </button>
      <button onClick={() => setAct('reject')}>Reject …</button>
      {act !== undefined && (
        <ActionDialog
          title={`${verbs[act]}: ${what}`}
          effect={
            act === 'approve'
              ? `${by.name} asked for it: “${operation.reason}”. It begins at once, ${number(perSecond)} a second. Filter: ${targetLabels(operation)}.`
              : `${by.name} asked for it: “${operation.reason}”. Nothing is sent, and it cannot be approved any more.`
          }
          verb={verbs[act]}
          dangerous={act === 'approve' && command === 'cancel'}
          curl={(reason, key) =>
            curlOf({ method: 'POST', path: `/v1/operations/${id}/${act}`, body: { digest, reason }, key })
          }
          act={async (reason) => {
            const request = { digest, reason };
            await (act === 'approve' ? client.approveOperation(id, request) : client.rejectOperation(id, request));
            again();
            return {
              text: `${act === 'approve' ? 'Approved' : 'Rejected'}: ${what}`,
              link: { href: operationAddress(id), label: 'Show' },
            };
          }}
          close={() => setAct(undefined)}
        />
      )}
    </div>
  );
}
