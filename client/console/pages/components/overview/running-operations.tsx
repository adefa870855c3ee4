import type { Dashboard } from 'onward/client';
import { operationLabel } from '#commands';
import { operationAddress } from '../../router.js';
import { OperationBadge, Progress } from '../operation/results.js';
import { Card, Empty } from '../ui.js';

const MAX_SHOWN = 5;
const openStates: ReadonlySet<string> = new Set(['awaitingApproval', 'running', 'stopping']);

/** The newest bulk operations: those that run, or the last ones. */
export function RunningOperations({ operations }: { operations: Dashboard['operations'] }) {
  const running = operations.filter(({ state }) => openStates.has(state));
  const shown = (running.length > 0 ? running : operations).slice(0, MAX_SHOWN);
  return (
    <Card title="Bulk operations" aside={<a href="/console/operations">All</a>}>
      {shown.length === 0 && <Empty title="None yet.">An operation acts on all people that a filter finds.</Empty>}
      {shown.length > 0 && (
        <table class="figures">
          <tbody>
            {shown.map((operation) => (
              <tr key={operation.id}>
                <th scope="row">
                  <a href={operationAddress(operation.id)}>
                    {operationLabel(operation.command)}
                    {operation.dryRun ? ' (dry run)' : ''}
                  </a>
                </th>
                <td class="number">
                  <Progress operation={operation} />
                </td>
                <td>
                  <OperationBadge operation={operation} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
