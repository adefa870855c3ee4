import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { saidBy } from '../temporal-errors.ts';
import { bad, checkNames, skipped } from './check.ts';
import type { Check, CheckName } from './check.ts';
import { checkJourneys } from './journeys.ts';
import { checkPollers } from './pollers.ts';
import { clockCheck, keysCheck, providerCheck, workerCheck } from './report.ts';
import { checkAttributes, checkNamespace, checkRetention, checkTemporal } from './server.ts';
import { visit } from './visit.ts';
import type { Visit } from './visit.ts';

export { checkNames, type Check, type CheckName } from './check.ts';

export interface ExamineOptions {
  readonly taskQueue?: string;
  /** How long a worker has to answer, in milliseconds. */
  readonly wait?: number;
}

/** The worker asks the provider, and asks again, before it gives up. */
const WAIT = 20_000;

/**
 * Looks at everything that journeys need, and says what is wrong and how to mend it. Every check is given once, in the
 * order of `checkNames`, as soon as it is made; none throws. No journey is touched and no code is sent.
 *
 * @param client made by `connectLater`, which lets an absent server be told as a check
 */
export async function* examine(
  client: Client,
  { taskQueue = TASK_QUEUE, wait = WAIT }: ExamineOptions = {},
): AsyncGenerator<Check, void> {
  const temporal = await checkTemporal(client);
  yield temporal;
  if (temporal.ok !== true) return yield* skipFrom('namespace', 'Temporal is not reached');
  const namespace = await checkNamespace(client);
  yield namespace;
  if (namespace.ok !== true) return yield* skipFrom('searchAttributes', 'the namespace is not there');
  yield await checkAttributes(client);
  yield await checkRetention(client);
  yield await checkJourneys(client, taskQueue);
  yield* await checkPollers(client, taskQueue);
  const visited = await visitOf(client, taskQueue, wait);
  if ('ok' in visited) {
    yield visited;
    return yield* skipFrom('encryptionKeys', 'no worker could be asked');
  }
  yield workerCheck(visited.outcome, wait);
  yield keysCheck(visited.outcome);
  yield providerCheck(visited.outcome);
  yield clockCheck(visited.clock, visited.outcome);
}

async function visitOf(client: Client, taskQueue: string, wait: number): Promise<Visit | Check> {
  try {
    return await visit(client, taskQueue, wait);
  } catch (error) {
    const mend = 'give this caller the right to start workflows: see TEMPORAL_API_KEY';
    return bad('worker', `Temporal says: ${saidBy(error)}`, mend);
  }
}

function* skipFrom(first: CheckName, why: string): Generator<Check> {
  for (const name of checkNames.slice(checkNames.indexOf(first))) yield skipped(name, why);
}
