import { condition, workflowInfo } from '@temporalio/workflow';
import { activityCaller, CommandError, PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import { operationTarget } from '../journey/commands.ts';
import type { OperatorAction } from '../journey/events.ts';
import { parseOperatorAction } from '../journey/stored/parse-operator-action.ts';
import { MINUTE, SECOND } from '../journey/policy/policy.ts';
import { formatTime } from '../journey/status/status.ts';
import { checkDecision, DECIDE_UPDATE } from './approval.ts';
import type { DecisionRequest } from './approval.ts';
import { BULK_OPERATION_MEMO, operationId, STOP_SIGNAL } from './contract.ts';
import type {
  BulkOperationActivities,
  BulkOperationInput,
  BulkOperationProgress,
  BulkOperationMemo,
} from './contract.ts';
import { bulkOperationResults, parseDecision, parseInput, parseState } from './parse.ts';
import { withBatchResult, nextBatch, initialProgress } from './state.ts';
import type { BulkOperationState } from './state.ts';

/**
 * Sends one command to many journeys, or resends many webhooks.
 *
 * 1. An operation that needs an approval does nothing before it is approved.
 * 2. All users are listed before any command is sent, because commands change which journeys match the filter.
 * 3. Users and outcomes stay in the activity results in the histories. The workflow only counts them.
 * 4. The progress is in the memo, so reading it needs no worker.
 */
export const bulkOperation: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart: parseOrder, parseState, signalLifetime: Infinity });
  const run = new BulkOperationRun(
    workflow,
    workflow.previous ?? initialProgress(workflow.start, formatTime(Date.now())),
  );
  workflow.onSignal(STOP_SIGNAL, parseOperatorAction, (act) => run.stop(act));
  workflow.onUpdate(
    DECIDE_UPDATE,
    (body, path) => run.parseDecision(body, path),
    (request) => run.decide(request),
  );
  return workflow.end((await run.awaitApproval()) ?? (await run.listUsers()) ?? (await run.sendBatches()));
};

function parseOrder(body: unknown, path: string): BulkOperationInput {
  const order = parseInput(body, path);
  const { workflowId, startTime } = workflowInfo();
  if (operationId(order.id) !== workflowId) throw new CommandError('BadRequest', 'the order is of another operation');
  // The times of sends are the server's. The clock of the process that started the operation may be ahead of it.
  return { ...order, asOf: Math.min(order.asOf, startTime.getTime()) };
}

class BulkOperationRun {
  readonly #workflow: PlainWorkflow<BulkOperationInput, BulkOperationState>;
  readonly #order: BulkOperationInput;
  readonly #call = activityCaller<BulkOperationActivities>(bulkOperationResults, {
    startToCloseTimeout: 5 * MINUTE,
    heartbeatTimeout: 10 * SECOND,
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
  });
  readonly #runId = workflowInfo().runId;
  #state: BulkOperationState;

  constructor(workflow: PlainWorkflow<BulkOperationInput, BulkOperationState>, state: BulkOperationState) {
    this.#workflow = workflow;
    this.#order = workflow.start;
    this.#state = state;
  }

  stop(act: OperatorAction): void {
    if (this.#isStopped) return;
    this.#publishProgress({ stopped: act, state: 'stopping' });
  }

  parseDecision(body: unknown, path: string): DecisionRequest {
    return checkDecision(parseDecision(body, path), this.#order, this.#state.progress.state);
  }

  decide({ decision, by: { role, name }, reason }: DecisionRequest): void {
    const at = formatTime(Date.now());
    const state = decision === 'approved' ? 'running' : 'rejected';
    this.#publishProgress({ state, decision: { decision, at, by: { role, name }, reason } });
  }

  /** Waits for the second operator. Returns the result if the operation ends here. */
  async awaitApproval(): Promise<BulkOperationMemo | undefined> {
    const { approval } = this.#order;
    const isAwaited = () => this.#state.progress.state === 'awaitingApproval';
    if (approval !== undefined && isAwaited()) {
      await condition(() => !isAwaited(), Date.parse(approval.until) - Date.now());
    }
    if (isAwaited()) return this.#end('expired', 'it was not approved in time; no command was sent');
    if (this.#state.progress.state === 'rejected') return this.#end('rejected', 'no command was sent');
    return undefined;
  }

  get #isStopped(): boolean {
    return this.#state.progress.stopped !== null;
  }

  /** Lists all users, page by page. Returns the result if the operation ends here. */
  async listUsers(): Promise<BulkOperationMemo | undefined> {
    const { command, filter, webhooks, expected, sizes, dryRunId, asOf } = this.#order;
    const undelivered = webhooks !== undefined && { webhooks: { ...webhooks, asOf } };
    for (let pages = 0; this.#state.cursor !== 'end' && !this.#isStopped; pages += 1) {
      if (pages === sizes.pages) return this.#continue();
      const { cursor } = this.#state;
      const listedIn = [...new Set([...this.#state.pages.map(({ runId }) => runId), this.#runId])];
      const after = typeof dryRunId === 'string' && { after: { dryRunId, listedIn } };
      const request = { filter, cursor, page: sizes.page, ...after, ...undelivered };
      const { users, next } = await this.#call('listUsers', request);
      const page = { runId: this.#runId, page: pages, users: users.length };
      const gathered = users.length === 0 ? this.#state.pages : [...this.#state.pages, page];
      this.#state = { ...this.#state, pages: gathered, cursor: next ?? 'end' };
      const total = gathered.reduce((sum, page) => sum + page.users, 0);
      if (after === false && total > expected) {
        const targets = operationTarget(command, expected);
        return this.#end('stopped', `more than the ${expected} expected ${targets} match; no command was sent`);
      }
      if (next === null) this.#publishProgress({ total });
    }
    return undefined;
  }

  /** Sends the command batch by batch until all users are processed or an operator stops it. */
  async sendBatches(): Promise<BulkOperationMemo> {
    const { sizes, ...order } = this.#order;
    for (let batches = 0; !this.#isStopped; batches += 1) {
      if (batches === sizes.batches) return this.#continue();
      const batch = nextBatch(this.#state, order.perSecond);
      if (batch === undefined) return this.#end('done', null);
      const { id, command, policy, perSecond, dryRun, by, reason, asOf } = order;
      const adopts = policy !== undefined && { policy };
      const request = { ...batch, id, command, ...adopts, perSecond, dryRun, by, reason, asOf };
      const outcomes = await this.#call('sendBatch', request);
      this.#state = withBatchResult(this.#state, this.#runId, batch, outcomes);
      this.#publishProgress({});
    }
    return this.#end('stopped', null);
  }

  #continue(): Promise<never> {
    return this.#workflow.continueAsNew(this.#state);
  }

  #end(state: BulkOperationProgress['state'], note: string | null): BulkOperationMemo {
    return this.#publishProgress({ state, note });
  }

  #publishProgress(changes: Partial<BulkOperationProgress>): BulkOperationMemo {
    const progress = { ...this.#state.progress, ...changes, updatedAt: formatTime(Date.now()) };
    this.#state = { ...this.#state, progress };
    const memo = { order: this.#order, progress, processedUsers: this.#state.processedUsers };
    this.#workflow.upsertMemo(BULK_OPERATION_MEMO, memo);
    return memo;
  }
}
