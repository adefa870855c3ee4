import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  log,
  proxyActivities,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions, CancellationScope } from '@temporalio/workflow';
import { parseActivityFailure } from '../activity.ts';
import type { ActivityOrder } from '../activity.ts';
import type { EffectFailure } from '../core/effects.ts';
import { EnvelopeError, open, seal } from '../core/envelope.ts';
import { UnreadableValue } from '../core/parse-values.ts';
import type { Parser } from '../core/parse-values.ts';

/** The outcome of an activity. */
export type ActivityOutcome<Result = unknown> = { readonly kind: 'succeeded'; readonly result: Result } | EffectFailure;

export interface ActivityCall<Result> {
  readonly activity: string;
  readonly request: unknown;
  readonly options: ActivityOptions;
  readonly parseResult: Parser<Result>;
  /** Cancels the activity. Without a scope, it cannot be cancelled. */
  readonly scope?: CancellationScope | undefined;
}

/**
 * Calls an activity and returns its outcome, which is accepted only if it answers this request and can be read.
 *
 * @param fault receives an error of the SDK or of our own code
 */
export function callActivity<Result>(
  { activity, request, options, parseResult, scope }: ActivityCall<Result>,
  settle: (outcome: ActivityOutcome<Result>) => void,
  fault: (error: unknown) => void,
): void {
  const { workflowId, runId, workflowType } = workflowInfo();
  const id = uuid4();
  const order: ActivityOrder = { workflowId, runId, workflowType, activityType: activity, request };
  const { [activity]: call } = proxyActivities<Record<string, (order: unknown) => Promise<unknown>>>(options);
  if (call === undefined) throw new Error(`the SDK gives no function for the activity '${activity}'`);
  const start = () => call(seal(`activity:${activity}`, id, Date.now(), order));
  const guarded = (outcome: () => ActivityOutcome<Result>) => {
    try {
      settle(outcome());
    } catch (error) {
      fault(error);
    }
  };
  (scope === undefined ? start() : scope.run(start)).then(
    (payload) => guarded(() => readResult(payload, activity, id, parseResult)),
    (error: unknown) => guarded(() => readFailure(error, activity, id, scope?.consideredCancelled === true)),
  );
}

function readResult<Result>(
  payload: unknown,
  activity: string,
  id: string,
  parseResult: Parser<Result>,
): ActivityOutcome<Result> {
  return orUnknown(activity, () => {
    const { body } = open(payload, `result:${activity}`, id);
    return { kind: 'succeeded', result: parseResult(body, 'result') };
  });
}

/** Everything else has an unknown outcome: a timeout, a failure without a known type, and one that is not authentic. */
function readFailure(error: unknown, activity: string, id: string, isStopped: boolean): EffectFailure {
  if (isCancellation(error)) return { kind: isStopped ? 'cancelled' : 'unknown' };
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) return { kind: 'unknown' };
  return orUnknown(activity, () => {
    const { body } = open(cause.details?.[0], `failure:${activity}`, id);
    return { kind: 'failed', ...parseActivityFailure(body, 'failure') };
  });
}

function orUnknown<Outcome>(activity: string, read: () => Outcome): Outcome | { readonly kind: 'unknown' } {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EnvelopeError || error instanceof UnreadableValue)) throw error;
    log.warn('the outcome of an activity is unknown', { activity, reason: error.message });
    return { kind: 'unknown' };
  }
}
