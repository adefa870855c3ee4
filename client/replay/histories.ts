import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { isNotFound } from '../temporal/grpc-codes.ts';
import { openGroups, sampled, shares } from './sample-open-workflows.ts';
import type { Execution } from './sample-open-workflows.ts';

const { History } = proto.temporal.api.history.v1;

/** A history to replay. */
export interface RecordedHistory {
  readonly workflowId: string;
  readonly place: string;
  readonly history: temporal.api.history.v1.IHistory;
}

export interface Recordings {
  /** Total number of histories, of which `each` may yield a sample. */
  readonly of: number;
  /** Number of histories that `each` yields, without those deleted in the meantime. */
  readonly count: number;
  readonly each: AsyncIterable<RecordedHistory>;
}

/** Number of histories that are prefetched and in memory at a time. */
const MAX_PREFETCHED = 8;

/** A busy server may take long for a page of a long history, and only the operator waits for it. */
const PAGE_TIMEOUT_MS = 30_000;

/** Fetches the histories of open workflows; a sample of every group if there are more than the limit. */
export async function fetchOpenHistories(client: Client, limit: number): Promise<Recordings> {
  const groups = await openGroups(client);
  const wanted = shares(groups, limit);
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
  const executions = async function* () {
    for (const [group, share] of wanted) yield* sampled(client, group, share);
  };
  return {
    of: sum(groups.map(({ count }) => count)),
    count: sum(wanted.values()),
    each: ahead(executions(), (execution) => fetched(client, execution)),
  };
}

/** Reads the histories in a folder and its subfolders. */
export async function readHistoryFiles(folder: string): Promise<Recordings> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(binpb|json)$/.test(name)).toSorted();
  const each = async function* () {
    for (const name of names) {
      const history = parse(name, await readFile(join(folder, name)));
      const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;
      yield { workflowId: workflowId ?? name, place: name, history };
    }
  };
  return { of: names.length, count: names.length, each: each() };
}

function parse(name: string, content: Buffer): temporal.api.history.v1.IHistory {
  return name.endsWith('.json') ? historyFromJSON(JSON.parse(content.toString())) : History.decode(content);
}

/** Fetches a history; `undefined` if the journey was erased since it was listed. */
async function fetched(client: Client, { workflowId, runId, place }: Execution): Promise<RecordedHistory | undefined> {
  try {
    const { namespace } = client.options;
    const execution = { workflowId, runId };
    const events: temporal.api.history.v1.IHistoryEvent[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const request = { namespace, execution, nextPageToken };
      const page = await client.withDeadline(Date.now() + PAGE_TIMEOUT_MS, () =>
        client.workflowService.getWorkflowExecutionHistory(request),
      );
      events.push(...(page.history?.events ?? []));
      ({ nextPageToken } = page);
    } while (nextPageToken.length > 0);
    return { workflowId, place, history: { events } };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function* ahead<T, R>(items: AsyncIterable<T>, act: (item: T) => Promise<R | undefined>): AsyncGenerator<R> {
  const started: Promise<R | undefined>[] = [];
  const first = async () => (await started.shift()) ?? undefined;
  for await (const item of items) {
    const acting = act(item);
    // The consumer receives the rejection; until then it must not count as unhandled.
    acting.catch(() => {});
    started.push(acting);
    if (started.length < MAX_PREFETCHED) continue;
    const done = await first();
    if (done !== undefined) yield done;
  }
  while (started.length > 0) {
    const done = await first();
    if (done !== undefined) yield done;
  }
}
