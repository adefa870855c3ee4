import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { attributes, STATUS_TYPE, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { listedSteps } from '../../workflows/listing.ts';
import { OPERATION_TYPE } from '../../workflows/operation/contract.ts';
import { PULSE_TYPE } from '../../workflows/pulse/contract.ts';
import { RECOVERY_TYPE } from '../../workflows/recovery/contract.ts';
import { states } from '../../workflows/status.ts';
import { endNames } from '../endings.ts';
import { listExecutions } from '../executions.ts';

/** Workflows that are open and have something in common, such as journeys in one state and step. */
export interface Group {
  /** `smsPending.stalled`, or the type of what is no journey. */
  readonly place: string;
  readonly query: string;
  readonly count: number;
}

export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  readonly place: string;
}

const PAGE = 200;

/** Everything that is open, by what it may be doing: what breaks in one place may replay in all others. */
export async function openGroups(client: Client): Promise<readonly Group[]> {
  const { account, state, step } = attributes;
  const open = (type: string) => `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`;
  const pending = states.filter((name) => endNames(name).length === 0);
  const journeys = ['individual', 'business'].flatMap((accountType) =>
    pending.flatMap((name) =>
      [undefined, ...listedSteps].map((at) => ({
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
  const others = [OPERATION_TYPE, RECOVERY_TYPE, STATUS_TYPE, PULSE_TYPE].map((type) => ({
    place: type,
    query: open(type),
  }));
  const counted = [...journeys, ...others].map(async (group) => {
    const { count } = await client.workflow.count(group.query);
    return { ...group, count };
  });
  return (await Promise.all(counted)).filter(({ count }) => count > 0);
}

/** How many of each group are taken where not all may be: as many of each as there are, up to the same share. */
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

/** So many of a group: all, or one half that began last and one that began first, since old code began those. */
export async function* sampled(client: Client, { place, query, count }: Group, share: number) {
  if (share >= count) return yield* listed(client, place, query, share);
  const oldest = Math.floor(share / 2);
  const before = oldest === 0 ? undefined : await timeOfOldest(client, query, oldest);
  if (before !== undefined) yield* listed(client, place, `${query} AND StartTime < '${before}'`, oldest);
  const others = before === undefined ? query : `${query} AND StartTime >= '${before}'`;
  yield* listed(client, place, others, share - oldest);
}

async function* listed(client: Client, place: string, query: string, most: number): AsyncGenerator<Execution, void> {
  let left = most;
  let cursor: string | null | undefined;
  while (left > 0 && cursor !== null) {
    const page = await listExecutions(client, query, Math.min(left, PAGE), cursor);
    yield* page.executions.map((execution) => executionOf(execution, place));
    left -= page.executions.length;
    cursor = page.next;
  }
}

function executionOf({ execution }: temporal.api.workflow.v1.IWorkflowExecutionInfo, place: string): Execution {
  return { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '', place };
}

/** A time before which at least so many began, and not many more: visibility on SQL cannot order by it, but it can count. */
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
