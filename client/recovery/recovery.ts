import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleDescription, WorkflowExecutionDescription } from '@temporalio/client';
import { ValueError, WorkflowNotFoundError } from '@temporalio/common';
import { openEnd } from '../../workflows/engine/client.ts';
import { EnvelopeError } from '../../workflows/engine/core/envelope.ts';
import proto from '@temporalio/proto';
import type { OperatorAction } from '../../workflows/journey/events.ts';
import { RECOVERY_MEMO, RECOVERY_SCHEDULE, RECOVERY_TYPE, STOP_SIGNAL } from '../../workflows/recovery/contract.ts';
import type { RecoveryInput, RecoveryRun } from '../../workflows/recovery/contract.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import { checkReason, NotFound, Unavailable } from '../errors.ts';
import {
  decodePayload,
  describeWorkflow,
  memoOf,
  openOrUnreadable,
  readMemo,
  signalWorkflow,
  UNREADABLE,
} from '../temporal/messages.ts';
import { workflowContext } from '../temporal/serialization-context.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { cachedFor } from '../monitoring/cached.ts';
import { groupRefusals } from '../monitoring/refusals.ts';
import type { Refusal } from '../monitoring/refusals.ts';
import { describeSchedule, isPaused, recordAction, planFromDescription } from './schedule.ts';
import type { RecoverySettings } from '../config/policy-file.ts';
import { parseResult, parseRun } from '../../workflows/recovery/parse.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

/** The status of automatic recovery. Times are RFC 3339. */
export interface RecoveryStatus {
  /** State of the current run; between runs the state of the last one, or `paused`. */
  readonly state: RecoveryRun['state'] | 'paused';
  readonly settings: RecoverySettings;
  /** `null` while paused. */
  readonly nextRunAt: string | null;
  /** The newest run; `null` before the first one, and if it was ended from outside. */
  readonly run: RecoveryRun | null;
  /** The latest operator action of each kind, with operator, time and reason. */
  readonly acts: RecoveryInput['acts'];
  /** The texts with which the provider refuses users that recovery does not retry. */
  readonly refusals: readonly Refusal[];
}

/** The dashboard reads this every second or two, and each journey that is asked costs a query. */
const REFUSALS_CACHE_MS = 30_000;

interface ActionReason {
  readonly reason: string;
}

/**
 * Controls automatic recovery. Every method may throw `Unavailable`, and `NotFound` if `setup` has not created the
 * Schedule. Needs no worker.
 */
export class Recovery {
  readonly #client: Client;
  readonly #refusals: () => Promise<readonly Refusal[]>;

  /** @param options.client a client created by `connect` */
  constructor({ client }: { readonly client: Client }) {
    this.#client = client;
    this.#refusals = cachedFor(REFUSALS_CACHE_MS, () => groupRefusals(client));
  }

  /** Returns the state, settings, next run and newest run. */
  status(): Promise<RecoveryStatus> {
    return translatingErrors(async () => {
      const described = await this.#describe();
      const { every, order } = planFromDescription(described);
      const { run, isOn } = await this.#newestRun(described);
      const paused = isPaused(described, order);
      return {
        state: paused && !isOn ? 'paused' : (run?.state ?? (isOn ? 'probing' : 'idle')),
        settings: { every, perSecond: order.perSecond, upToPerSecond: order.upToPerSecond },
        nextRunAt: paused ? null : (described.info.nextActionTimes[0]?.toISOString() ?? null),
        run,
        acts: order.acts,
        refusals: await this.#refusals(),
      };
    });
  }

  /** Pauses recovery: starts no more runs and stops the current run after its commands in flight. */
  pause({ reason }: ActionReason, caller: Caller): Promise<RecoveryStatus> {
    return this.#recordAction(reason, caller, async (act) => {
      await recordAction(this.#client, 'paused', act, true);
      const { info } = await this.#describe();
      await Promise.all(info.runningActions.map(({ workflow }) => this.#stopRun(workflow.workflowId)));
    });
  }

  /** Resumes scheduled runs. */
  resume({ reason }: ActionReason, caller: Caller): Promise<RecoveryStatus> {
    return this.#recordAction(reason, caller, (act) => recordAction(this.#client, 'resumed', act, false));
  }

  /** Starts a run now, even while paused. If a run is active, it continues and no second one starts. */
  trigger({ reason }: ActionReason, caller: Caller): Promise<RecoveryStatus> {
    return this.#recordAction(reason, caller, async (act) => {
      await recordAction(this.#client, 'triggered', act);
      await this.#client.schedule.getHandle(RECOVERY_SCHEDULE).trigger(ScheduleOverlapPolicy.SKIP);
    });
  }

  async #recordAction(
    reason: string,
    { role, name }: Caller,
    carryOut: (act: OperatorAction) => Promise<void>,
  ): Promise<RecoveryStatus> {
    checkReason(reason);
    await translatingErrors(async () => {
      await this.#describe();
      await carryOut({ at: new Date().toISOString(), by: { role, name }, reason });
    });
    return this.status();
  }

  async #describe(): Promise<ScheduleDescription> {
    try {
      const described = await describeSchedule(this.#client);
      if (described === undefined) throw new NotFound('recovery has no Schedule yet; run `onward setup`');
      planFromDescription(described);
      return described;
    } catch (error) {
      const isUnreadable = error instanceof ValueError || error instanceof UnreadableValue;
      if (!isUnreadable && !(error instanceof EnvelopeError)) throw error;
      throw new Unavailable(
        'the input of the recovery Schedule cannot be read; run `onward setup`, which replaces it',
        {
          cause: error,
        },
      );
    }
  }

  /** The newest run. One whose progress or result cannot be read is `null`. */
  async #newestRun({ info }: ScheduleDescription): Promise<{ run: RecoveryRun | null; isOn: boolean }> {
    const newest = info.recentActions.at(-1)?.action.workflow.workflowId;
    if (newest === undefined) return { run: null, isOn: false };
    const described = await describeWorkflow(this.#client, newest);
    if (described.status.name === 'RUNNING') {
      const progress = await readMemo(this.#client, memoOf(described), RECOVERY_MEMO, parseRun);
      return { run: progress === UNREADABLE ? null : (progress ?? null), isOn: true };
    }
    return { run: await this.#resultOf(described), isOn: false };
  }

  async #resultOf({ workflowId, runId }: WorkflowExecutionDescription): Promise<RecoveryRun | null> {
    const { history } = await this.#client.workflowService.getWorkflowExecutionHistory({
      namespace: this.#client.options.namespace,
      execution: { workflowId, runId },
      historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    });
    const completed = history?.events?.at(-1)?.workflowExecutionCompletedEventAttributes;
    const payload = completed?.result?.payloads?.[0];
    const value = await decodePayload(this.#client, payload, workflowContext(this.#client, workflowId));
    const result = openOrUnreadable(() => parseResult(openEnd(value, RECOVERY_TYPE, runId), 'result'));
    return result === UNREADABLE ? null : result.run;
  }

  /** Ignores a run that has just ended. */
  async #stopRun(workflowId: string): Promise<void> {
    try {
      await signalWorkflow(this.#client.workflow.getHandle(workflowId), STOP_SIGNAL);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
