import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { isMissing } from '../temporal-errors.ts';
import { openGroups, sampled, shares } from './open.ts';
import type { Execution } from './open.ts';

const { History } = proto.temporal.api.history.v1;

/** A history that is to be replayed. */
export interface Recorded {
  readonly workflowId: string;
  readonly place: string;
  readonly history: temporal.api.history.v1.IHistory;
}

export interface Recordings {
  /** How many there are, of which `each` may give a part. */
  readonly of: number;
  /** How many `each` gives; those that are gone by then are left out. */
  readonly count: number;
  readonly each: AsyncIterable<Recorded>;
}

/** So many histories are fetched ahead of the replay, and no more are in memory. */
const AHEAD = 8;

/** The histories of what is open on a server, a sample of every place where there are more than the limit. */
export async function openHistories(client: Client, limit: number): Promise<Recordings> {
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

/** The histories in a folder, and in the folders inside it. */
export async function keptHistories(folder: string): Promise<Recordings> {
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

/** A journey may be erased between the list and this. */
async function fetched(client: Client, { workflowId, runId, place }: Execution): Promise<Recorded | undefined> {
  try {
    const { namespace } = client.options;
    const execution = { workflowId, runId };
    const events: temporal.api.history.v1.IHistoryEvent[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const page = await client.workflowService.getWorkflowExecutionHistory({ namespace, execution, nextPageToken });
      events.push(...(page.history?.events ?? []));
      ({ nextPageToken } = page);
    } while (nextPageToken.length > 0);
    return { workflowId, place, history: { events } };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function* ahead<T, R>(items: AsyncIterable<T>, act: (item: T) => Promise<R | undefined>): AsyncGenerator<R> {
  const begun: Promise<R | undefined>[] = [];
  const first = async () => (await begun.shift()) ?? undefined;
  for await (const item of items) {
    const acting = act(item);
    // Whoever takes it hears of it; until then it must not end the process.
    acting.catch(() => {});
    begun.push(acting);
    if (begun.length < AHEAD) continue;
    const done = await first();
    if (done !== undefined) yield done;
  }
  while (begun.length > 0) {
    const done = await first();
    if (done !== undefined) yield done;
  }
}
