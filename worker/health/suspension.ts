import { Context, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { ProviderError } from '../../activities/provider-error.ts';

const { PENDING_ACTIVITY_STATE_STARTED } = proto.temporal.api.enums.v1.PendingActivityState;

const TICK_MS = 250;
/** Shorter than the time that Temporal gives an activity, which is more than three seconds. */
const MAX_GAP_MS = 2_000;
/** How long after a suspension a task may still be one from before it. */
const DOUBT_MS = 60_000;

/** Notices that this process was suspended. Meanwhile Temporal has given up its activities, and their journeys may be erased. */
export class SuspensionWatch {
  #lastTick = Date.now();
  #doubtUntil = 0;
  readonly #timer = setInterval(() => this.#tick(), TICK_MS).unref();

  /** Whether a task may have been taken before a suspension that has ended recently. */
  get isInDoubt(): boolean {
    this.#tick();
    return Date.now() < this.#doubtUntil;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#lastTick > MAX_GAP_MS) this.#doubtUntil = now + DOUBT_MS;
    this.#lastTick = now;
  }
}

/** Creates a check that Temporal still waits for the activity that makes a request. It asks Temporal only after a suspension. */
export function createAbandonedTaskCheck(
  client: Client,
  suspension: Pick<SuspensionWatch, 'isInDoubt'>,
): () => Promise<void> {
  return async () => {
    if (!suspension.isInDoubt || (await isAwaited(client).catch(() => false))) return;
    const detail = 'the worker was suspended, and Temporal does not wait for this request any more';
    log.warn(`refused a request: ${detail}`);
    throw new ProviderError('ProviderUnreached', detail);
  };
}

/** Whether Temporal waits for this attempt of the activity. */
async function isAwaited(client: Client): Promise<boolean> {
  const { activityId, attempt, namespace, workflowExecution: execution } = Context.current().info;
  if (execution === undefined) return false;
  const { pendingActivities } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  const found = pendingActivities?.find((each) => each.activityId === activityId);
  return found?.attempt === attempt && found.state === PENDING_ACTIVITY_STATE_STARTED;
}
