import { ScheduleOverlapPolicy, WorkflowFailedError } from '@temporalio/client';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Act } from '../workflows/events.ts';
import { holdSignal, RECOVERY_MEMO, RECOVERY_SCHEDULE } from '../workflows/recovery/contract.ts';
import type { RecoveryOrder, RecoveryRun } from '../workflows/recovery/contract.ts';
import type { recovery } from '../workflows/recovery/recovery.ts';
import type { Caller } from './ask.ts';
import { checkReason, NotFound } from './errors.ts';
import { reach } from './reading.ts';
import { describeSchedule, noteAct, planIn } from './schedule.ts';
import type { RecoverySettings } from './settings.ts';

/** The automatic retry, as it stands. Times are RFC 3339. */
export interface RecoveryStatus {
  /** What the run that is on does; between runs what the last one has come to, or that an operator has paused recovery. */
  readonly state: RecoveryRun['state'] | 'paused';
  readonly settings: RecoverySettings;
  /** `null` while paused. */
  readonly nextRunAt: string | null;
  /** The newest run; `null` before the first, and where one was cut off from outside. */
  readonly run: RecoveryRun | null;
  /** The newest act of each kind: who, when, why. */
  readonly acts: RecoveryOrder['acts'];
}

interface Reasoned {
  readonly reason: string;
}

/**
 * The operators' hand on the automatic retry. Every method may throw `Unavailable`, and `NotFound` before `setup` has made
 * the Schedule. No worker is needed.
 */
export class Recovery {
  readonly #client: Client;

  /** @param options.client made by `connect` */
  constructor({ client }: { readonly client: Client }) {
    this.#client = client;
  }

  /** What recovery does now, has come to, and will do next. */
  status(): Promise<RecoveryStatus> {
    return reach(async () => {
      const described = await this.#describe();
      const { every, order } = planIn(described);
      const { run, isOn } = await this.#newestRun(described);
      const { paused } = described.state;
      return {
        state: paused && !isOn ? 'paused' : (run?.state ?? (isOn ? 'probing' : 'idle')),
        settings: { every, perSecond: order.perSecond, upToPerSecond: order.upToPerSecond },
        nextRunAt: paused ? null : (described.info.nextActionTimes[0]?.toISOString() ?? null),
        run,
        acts: order.acts,
      };
    });
  }

  /** Starts no more runs, and has the one that is on stop after what is in flight. */
  pause({ reason }: Reasoned, caller: Caller): Promise<RecoveryStatus> {
    return this.#act(reason, caller, async (act) => {
      await noteAct(this.#client, 'paused', act, true);
      const { info } = await this.#describe();
      await Promise.all(info.runningActions.map(({ workflow }) => this.#hold(workflow.workflowId)));
    });
  }

  /** Starts runs again when they are due. */
  resume({ reason }: Reasoned, caller: Caller): Promise<RecoveryStatus> {
    return this.#act(reason, caller, (act) => noteAct(this.#client, 'resumed', act, false));
  }

  /** Starts a run now, also while paused; where one is on, that one goes on, and no other beside it. */
  trigger({ reason }: Reasoned, caller: Caller): Promise<RecoveryStatus> {
    return this.#act(reason, caller, async (act) => {
      await noteAct(this.#client, 'triggered', act);
      await this.#client.schedule.getHandle(RECOVERY_SCHEDULE).trigger(ScheduleOverlapPolicy.SKIP);
    });
  }

  async #act(reason: string, { role, name }: Caller, carryOut: (act: Act) => Promise<void>): Promise<RecoveryStatus> {
    checkReason(reason);
    await reach(async () => {
      await this.#describe();
      await carryOut({ at: new Date().toISOString(), by: { role, name }, reason });
    });
    return this.status();
  }

  async #describe(): Promise<ScheduleDescription> {
    const described = await describeSchedule(this.#client);
    if (described === undefined) throw new NotFound('recovery has no Schedule yet: run the setup');
    return described;
  }

  async #newestRun({ info }: ScheduleDescription): Promise<{ run: RecoveryRun | null; isOn: boolean }> {
    const newest = info.recentActions.at(-1)?.action.workflow.workflowId;
    if (newest === undefined) return { run: null, isOn: false };
    const handle = this.#client.workflow.getHandle<typeof recovery>(newest);
    const { status, memo } = await handle.describe();
    if (status.name === 'RUNNING') return { run: (memo?.[RECOVERY_MEMO] as RecoveryRun) ?? null, isOn: true };
    try {
      return { run: (await handle.result()).run, isOn: false };
    } catch (error) {
      if (error instanceof WorkflowFailedError) return { run: null, isOn: false };
      throw error;
    }
  }

  /** A run that has just ended needs no telling. */
  async #hold(workflowId: string): Promise<void> {
    try {
      await this.#client.workflow.getHandle(workflowId).signal(holdSignal);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
