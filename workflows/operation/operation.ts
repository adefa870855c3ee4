import { continueAsNew, proxyActivities, setHandler, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { Act } from '../events.ts';
import { MINUTE, SECOND } from '../policy.ts';
import { time } from '../status.ts';
import { OPERATION_MEMO, stopSignal } from './contract.ts';
import type { OperationActivities, OperationOrder, OperationProgress, OperationShown } from './contract.ts';
import { counted, nextBatch, untouched } from './course.ts';
import type { Course } from './course.ts';

/**
 * Tells many journeys one command.
 *
 * 1. Whom it is about is gathered before anybody is told anything: what is told changes whom the filter means.
 * 2. Users and outcomes stay where activities have left them, in the histories of the executions. The workflow counts.
 * 3. Everything shown is in the memo: reading it takes no worker.
 */
export async function operation(order: OperationOrder, kept?: Course): Promise<OperationShown> {
  // The clock of whoever ordered it may be ahead of the server's, by which codes are sent.
  const asOf = Math.min(order.asOf, workflowInfo().startTime.getTime());
  const work = new Work({ ...order, asOf }, kept ?? untouched(time(Date.now())));
  setHandler(stopSignal, (act) => work.stop(act));
  return (await work.gather()) ?? work.tell();
}

class Work {
  readonly #order: OperationOrder;
  readonly #activities = proxyActivities<OperationActivities>({
    startToCloseTimeout: 5 * MINUTE,
    heartbeatTimeout: 10 * SECOND,
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
  });
  readonly #runId = workflowInfo().runId;
  #course: Course;

  constructor(order: OperationOrder, course: Course) {
    this.#order = order;
    this.#course = course;
  }

  stop(act: Act): void {
    if (this.#isStopped) return;
    this.#show({ stopped: act, state: 'stopping' });
  }

  get #isStopped(): boolean {
    return this.#course.progress.stopped !== null;
  }

  /** Lists all users, page by page. Gives the end where it comes to one. */
  async gather(): Promise<OperationShown | undefined> {
    const { filter, expected, sizes } = this.#order;
    for (let pages = 0; this.#course.cursor !== 'end' && !this.#isStopped; pages += 1) {
      if (pages === sizes.pages) return this.#continue();
      const { cursor } = this.#course;
      const { users, next } = await this.#activities.gatherUsers({ filter, cursor, page: sizes.page });
      const gathered = [...this.#course.gathered, { runId: this.#runId, page: pages, users: users.length }];
      this.#course = { ...this.#course, gathered, cursor: next ?? 'end' };
      const total = gathered.reduce((sum, page) => sum + page.users, 0);
      if (total > expected) return this.#end('stopped', `more than the ${expected} expected: nobody was told anything`);
      if (next === null) this.#show({ total });
    }
  }

  /** Tells users batch by batch until all have been told, or an operator stops it. */
  async tell(): Promise<OperationShown> {
    const { sizes, ...order } = this.#order;
    for (let batches = 0; !this.#isStopped; batches += 1) {
      if (batches === sizes.batches) return this.#continue();
      const batch = nextBatch(this.#course, order.perSecond);
      if (batch === undefined) return this.#end('done', null);
      const { id, command, perSecond, dryRun, by, reason, asOf } = order;
      const request = { ...batch, id, command, perSecond, dryRun, by, reason, asOf };
      const outcomes = await this.#activities.tellBatch(request);
      this.#course = counted(this.#course, this.#runId, batch, outcomes);
      this.#show({});
    }
    return this.#end('stopped', null);
  }

  #continue(): Promise<never> {
    return continueAsNew<typeof operation>(this.#order, this.#course);
  }

  #end(state: OperationProgress['state'], note: string | null): OperationShown {
    return this.#show({ state, note });
  }

  #show(changes: Partial<OperationProgress>): OperationShown {
    const progress = { ...this.#course.progress, ...changes, updatedAt: time(Date.now()) };
    this.#course = { ...this.#course, progress };
    const shown = { order: this.#order, progress, told: this.#course.told };
    upsertMemo({ [OPERATION_MEMO]: shown });
    return shown;
  }
}
