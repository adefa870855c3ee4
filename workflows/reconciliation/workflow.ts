import { condition, workflowInfo } from '@temporalio/workflow';
import { activityCaller, CommandError, PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import type { OperatorAction } from '../journey/events.ts';
import { parseOperatorAction } from '../journey/stored/parse-operator-action.ts';
import { MINUTE, SECOND } from '../journey/policy/policy.ts';
import { formatTime } from '../journey/status/status.ts';
import { RECONCILIATION_MEMO, reconciliationId, STOP_SIGNAL } from './contract.ts';
import type {
  DifferencePage,
  ReconciliationActivities,
  ReconciliationInput,
  ReconciliationMemo,
  ReconciliationProgress,
} from './contract.ts';
import { describeListFailure } from './list-failure.ts';
import { parseInput, parseState, reconciliationResults } from './parse.ts';
import { beginSecondPass, initialState, nextBatch, withBatchResult, withPage } from './state.ts';
import type { ReconciliationState } from './state.ts';

/**
 * Compares the provider's list of users with the journeys, and acts on the differences.
 *
 * 1. All differences are found before anything is done about one, so that a list that cannot be read to its end changes nothing.
 * 2. Differences and outcomes stay in the activity results in the histories. The workflow only counts them.
 * 3. A user without a journey may have signed up a moment ago. Such users are looked for again after `graceFor`, and a journey is
 *    started for those who still have none.
 * 4. A reconciliation never causes a code to be sent.
 */
export const reconciliation: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart: parseOrder, parseState, signalLifetime: Infinity });
  const run = new ReconciliationRun(workflow, workflow.previous ?? initialState(formatTime(Date.now())));
  workflow.onSignal(STOP_SIGNAL, parseOperatorAction, (act) => run.stop(act));
  return workflow.end(await run.run());
};

function parseOrder(body: unknown, path: string): ReconciliationInput {
  const order = parseInput(body, path);
  if (reconciliationId(order.id) === workflowInfo().workflowId) return order;
  throw new CommandError('BadRequest', 'the order is of another reconciliation');
}

const ACT_OPTIONS = {
  startToCloseTimeout: 5 * MINUTE,
  heartbeatTimeout: 10 * SECOND,
  retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
};
/** A list of a hundred thousand users takes minutes; one that cannot be read is left for the next reconciliation. */
const FIND_OPTIONS = {
  startToCloseTimeout: 20 * MINUTE,
  heartbeatTimeout: 10 * SECOND,
  retry: { initialInterval: SECOND, backoffCoefficient: 4, maximumAttempts: 4 },
};

class ReconciliationRun {
  readonly #workflow: PlainWorkflow<ReconciliationInput, ReconciliationState>;
  readonly #order: ReconciliationInput;
  readonly #find = activityCaller<ReconciliationActivities>(reconciliationResults, FIND_OPTIONS);
  readonly #act = activityCaller<ReconciliationActivities>(reconciliationResults, ACT_OPTIONS);
  readonly #runId = workflowInfo().runId;
  #state: ReconciliationState;
  /** The number of results in the history of this run. It is limited, since a long history cannot be read at once. */
  #pagesOfRun = 0;
  #batchesOfRun = 0;

  constructor(workflow: PlainWorkflow<ReconciliationInput, ReconciliationState>, state: ReconciliationState) {
    this.#workflow = workflow;
    this.#order = workflow.start;
    this.#state = state;
  }

  stop(act: OperatorAction): void {
    if (this.#isStopped) return;
    this.#publishProgress({ stopped: act, state: 'stopping' });
  }

  get #isStopped(): boolean {
    return this.#state.progress.stopped !== null;
  }

  async run(): Promise<ReconciliationMemo> {
    for (;;) {
      const failed = await this.#findDifferences();
      if (failed !== undefined) return this.#end('failed', failed);
      await this.#actOnDifferences();
      if (this.#isStopped) return this.#end('stopped', null);
      const { isSecondPass, graceEndsAt } = this.#state;
      if (this.#order.dryRun || isSecondPass || graceEndsAt === 0) return this.#end('done', null);
      await this.#waitUntil(graceEndsAt);
      if (this.#isStopped) return this.#end('stopped', 'the users who waited were not looked for again');
      this.#state = beginSecondPass(this.#state);
      this.#publishProgress({});
    }
  }

  /** Finds all differences, page by page. Returns why it could not. */
  async #findDifferences(): Promise<string | undefined> {
    const { graceFor, sizes } = this.#order;
    while (this.#state.after !== 'end' && !this.#isStopped) {
      if (this.#pagesOfRun === sizes.pages) return this.#continue();
      const { isSecondPass, foundIn, after } = this.#state;
      const request = {
        after: after.userId,
        most: sizes.page,
        graceFor: isSecondPass ? 0 : graceFor,
        foundIn: isSecondPass ? foundIn : null,
      };
      const found = await this.#find('findDifferences', request).catch(describeListFailure);
      if (typeof found === 'string') return found;
      this.#addPage(found);
    }
    return undefined;
  }

  #addPage(found: DifferencePage): void {
    // The index is that of the activity's result in this run, which a second pass continues.
    const page = this.#pagesOfRun;
    this.#pagesOfRun += 1;
    const graceEndsAt = Date.now() + this.#order.graceFor;
    this.#state = withPage(this.#state, { runId: this.#runId, page, graceEndsAt }, found);
    const { progress, pages, from } = this.#state;
    const left = pages.reduce((sum, { items }) => sum + items, 0) - from;
    if (found.next !== null) return;
    const waiting = this.#order.dryRun || this.#state.isSecondPass ? 0 : progress.waiting;
    this.#publishProgress({ total: progress.done + left - waiting });
  }

  /** Acts on the differences, batch by batch, until all are processed or an operator stops it. */
  async #actOnDifferences(): Promise<void> {
    const { id, perSecond, dryRun, reason, sizes } = this.#order;
    while (!this.#isStopped) {
      if (this.#batchesOfRun === sizes.batches) return this.#continue();
      const batch = nextBatch(this.#state, perSecond);
      if (batch === undefined) return;
      this.#batchesOfRun += 1;
      const outcomes = await this.#act('reconcileBatch', { ...batch, id, perSecond, dryRun, reason });
      this.#state = withBatchResult(this.#state, this.#runId, batch, outcomes);
      this.#publishProgress({});
    }
  }

  async #waitUntil(at: number): Promise<void> {
    this.#publishProgress({ state: 'waiting', waitingUntil: formatTime(at) });
    await condition(() => this.#isStopped, Math.max(0, at - Date.now()));
  }

  #continue(): Promise<never> {
    return this.#workflow.continueAsNew(this.#state);
  }

  #end(state: ReconciliationProgress['state'], note: string | null): ReconciliationMemo {
    return this.#publishProgress({ state, note, waitingUntil: null });
  }

  #publishProgress(changes: Partial<ReconciliationProgress>): ReconciliationMemo {
    const progress = { ...this.#state.progress, ...changes, updatedAt: formatTime(Date.now()) };
    this.#state = { ...this.#state, progress };
    const memo = { order: this.#order, progress, processedIn: this.#state.processedIn };
    this.#workflow.upsertMemo(RECONCILIATION_MEMO, memo);
    return memo;
  }
}
