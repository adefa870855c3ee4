import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type * as workflows from '../../workflows/index.ts';
import { attributeKeys, WEBHOOK_DELIVERY_TYPE, WORKER_PROBE_TYPE, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { searchableSteps } from '../../workflows/search-attributes.ts';
import { BULK_OPERATION_TYPE } from '../../workflows/bulk-operation/contract.ts';
import { PROVIDER_HEALTH_TYPE } from '../../workflows/provider-health/contract.ts';
import { RECONCILIATION_TYPE, SCHEDULED_RECONCILIATION_TYPE } from '../../workflows/reconciliation/contract.ts';
import { RECOVERY_TYPE } from '../../workflows/recovery/contract.ts';
import { WHAT_IF_TYPE } from '../../workflows/what-if/contract.ts';
import { states } from '../../workflows/journey/status/status.ts';
import { executionStatusesOf } from '../journeys/closed-journey.ts';
import { listExecutions } from '../search/list-executions.ts';

/** A group of similar open workflows, such as journeys in one state and step. */
export interface Group {
  /** A name such as `smsPending.stalled`, or the workflow type for other workflows. */
  readonly place: string;
  readonly query: string;
  readonly count: number;
}

export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  readonly place: string;
}

const PAGE_SIZE = 200;

/** Every workflow type but that of the journeys. */
const otherTypes = Object.keys({
  [BULK_OPERATION_TYPE]: true,
  [PROVIDER_HEALTH_TYPE]: true,
  [RECONCILIATION_TYPE]: true,
  [RECOVERY_TYPE]: true,
  [SCHEDULED_RECONCILIATION_TYPE]: true,
  [WEBHOOK_DELIVERY_TYPE]: true,
  [WHAT_IF_TYPE]: true,
  [WORKER_PROBE_TYPE]: true,
} satisfies { readonly [T in Exclude<keyof typeof workflows, typeof WORKFLOW_TYPE>]: true });

/** Groups all open workflows by state, because a code change may break the replay of only one of them. */
export async function openGroups(client: Client): Promise<readonly Group[]> {
  const { account, state, step } = attributeKeys;
  const open = (type: string) => `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`;
  const pending = states.filter((name) => executionStatusesOf(name).length === 0);
  const journeys = ['individual', 'business'].flatMap((accountType) =>
    pending.flatMap((name) =>
      [undefined, ...searchableSteps].map((at) => ({
        place: `${name}${at === undefined ? '' : `.${at}`} (${accountType})`,
        query: [
          open(WORKFLOW_TYPE),
          `${account.name} = '${accountType}'`,
          `${state.name} = '${name}'`,
          at === undefined ? `${step.name} IS NULL` : `${step.name} = '${at}'`,
        ].join(' AND '),
      })),
    ),
  );
  const others = otherTypes.map((type) => ({ place: type, query: open(type) }));
  const counted = [...journeys, ...others].map(async (group) => {
    const { count } = await client.workflow.count(group.query);
    return { ...group, count };
  });
  return (await Promise.all(counted)).filter(({ count }) => count > 0);
}

/** Divides the limit evenly among the groups. Groups that are smaller than their share leave the rest to the others. */
export function shares(groups: readonly Group[], limit: number): ReadonlyMap<Group, number> {
  let left = limit;
  const smallestFirst = groups.toSorted((a, b) => a.count - b.count);
  return new Map(
    smallestFirst.map((group, index) => {
      const share = Math.min(group.count, Math.ceil(left / (smallestFirst.length - index)));
      left -= share;
      return [group, share];
    }),
  );
}

/** Samples a group: all of it, or half the newest and half the oldest, which older code has started. */
export async function* sampled(client: Client, { place, query, count }: Group, share: number) {
  if (share >= count) return yield* listGroup(client, place, query, share);
  const oldest = Math.floor(share / 2);
  const before = oldest === 0 ? undefined : await timeOfOldest(client, query, oldest);
  if (before !== undefined) yield* listGroup(client, place, `${query} AND StartTime < '${before}'`, oldest);
  const others = before === undefined ? query : `${query} AND StartTime >= '${before}'`;
  yield* listGroup(client, place, others, share - oldest);
}

async function* listGroup(client: Client, place: string, query: string, most: number): AsyncGenerator<Execution, void> {
  let left = most;
  let cursor: string | null | undefined;
  while (left > 0 && cursor !== null) {
    const page = await listExecutions(client, query, Math.min(left, PAGE_SIZE), cursor);
    yield* page.executions.map((execution) => executionOf(execution, place));
    left -= page.executions.length;
    cursor = page.next;
  }
}

function executionOf({ execution }: temporal.api.workflow.v1.IWorkflowExecutionInfo, place: string): Execution {
  return { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '', place };
}

/** Finds a time before which at least `most` workflows started, and not many more. Visibility on SQL cannot sort, but it can count. */
async function timeOfOldest(client: Client, query: string, most: number): Promise<string> {
  let [from, to] = [0, Date.now()];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    const { count } = await client.workflow.count(`${query} AND StartTime < '${new Date(middle).toISOString()}'`);
    if (count < most) from = middle;
    else to = middle;
    if (count >= most && count <= 2 * most) break;
  }
  return new Date(to).toISOString();
}
