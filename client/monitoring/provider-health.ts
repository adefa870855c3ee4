import { QueryNotRegisteredError, QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { ValueError, WorkflowNotFoundError } from '@temporalio/common';
import { MINUTE } from '../../workflows/journey/policy/policy.ts';
import { PROVIDER_HEALTH_QUERY, providerHealthId } from '../../workflows/provider-health/contract.ts';
import type {
  ProviderHealthState,
  ReplyCounts,
  AttemptCounts,
  TroubleKind,
} from '../../workflows/provider-health/contract.ts';
import { minuteOf, MINUTES_KEPT, noAttempts, addCounts } from '../../workflows/provider-health/counters.ts';
import { totalsAt } from '../../workflows/provider-health/code-counts.ts';
import type { CodeTotals } from '../../workflows/provider-health/code-counts.ts';
import { findTroubles } from '../../workflows/provider-health/troubles.ts';
import { EnvelopeError } from '../../workflows/engine/core/envelope.ts';
import { formatTime } from '../../workflows/journey/status/status.ts';
import { queryWorkflow } from '../temporal/messages.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { parseHealth } from '../../workflows/provider-health/parse.ts';

/** Timeout of the query, in milliseconds. */
const QUERY_TIMEOUT_MS = 800;

/** Zero for every class of reply. */
export const noReplies: ReplyCounts = {
  '2xx': 0,
  already_verified: 0,
  '3xx': 0,
  '401': 0,
  '429': 0,
  '4xx': 0,
  '5xx': 0,
  unreadable: 0,
  unknown_record: 0,
  unreached: 0,
  unknown: 0,
  other_provider: 0,
};

/** The provider's replies to all workers in the last 15 minutes. Each worker reports every five seconds. */
export interface ProviderHealth {
  /** By class of reply. Every class is listed, also with 0. */
  readonly replies: ReplyCounts;
  /** Fifteen minutes, the oldest first; the last one is the current minute. */
  readonly minutes: readonly { readonly at: string; readonly sends: number; readonly replies: ReplyCounts }[];
  /** The codes of the current hour and day. */
  readonly codes: CodeTotals;
  /** When a worker last reported a 2xx or already_verified reply; RFC 3339. */
  readonly lastGoodAt: string | null;
  /** Failures that affect several users at once, by share of recent requests, the worst first. */
  readonly troubles: readonly ProviderTrouble[];
}

/** A kind of provider failure. */
export interface ProviderTrouble {
  readonly kind: TroubleKind;
  /** RFC 3339, to the minute. */
  readonly since: string;
  /** Requests that failed in this way, among the recent `requests`. */
  readonly failed: number;
  readonly requests: number;
}

/** Reads the provider health. `null` if no worker answers readably in time, or if none has reported for a month. */
export async function readProviderHealth(client: Client, taskQueue: string): Promise<ProviderHealth | null> {
  const state = await readHealthState(client, taskQueue);
  return state === undefined ? null : healthAt(state, Date.now());
}

/** Reads what the workers have reported; `undefined` where `readProviderHealth` returns `null`. */
export async function readHealthState(client: Client, taskQueue: string): Promise<ProviderHealthState | undefined> {
  return queryProviderHealth(client, taskQueue, PROVIDER_HEALTH_QUERY, parseHealth);
}

/** Queries the provider health workflow; `undefined` if there is none, or if no worker answers readably in time. */
export async function queryProviderHealth<Answer>(
  client: Client,
  taskQueue: string,
  query: string,
  parse: Parser<Answer>,
): Promise<Answer | undefined> {
  const handle = client.workflow.getHandle(providerHealthId(taskQueue));
  try {
    const ask = () => queryWorkflow(handle, query);
    return parse(await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, ask), query);
  } catch (error) {
    if (unanswered.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

/** No health workflow exists, no worker answers, or the worker has other workflow code or an encryption key that this process lacks. */
const unanswered = [
  WorkflowNotFoundError,
  QueryRejectedError,
  ServiceError,
  QueryNotRegisteredError,
  ValueError,
  EnvelopeError,
  UnreadableValue,
];

/** Returns the last fifteen minutes of a health state. */
export function healthAt(state: ProviderHealthState, now: number): ProviderHealth {
  const { minutes, lastGoodAt } = state;
  // The caller's clock may be behind the server's.
  const last = Math.max(minuteOf(now), minutes.at(-1)?.minute ?? 0);
  const shown = Array.from({ length: MINUTES_KEPT }, (_, nth) => {
    const minute = last - MINUTES_KEPT + 1 + nth;
    const { sends, replies } = minutes.find((each) => each.minute === minute) ?? noAttempts;
    return { at: formatTime(minute * MINUTE), sends, replies: { ...noReplies, ...replies } };
  });
  return {
    replies: { ...noReplies, ...shown.reduce<AttemptCounts>(addCounts, noAttempts).replies },
    minutes: shown,
    codes: totalsAt(state.codes, now),
    lastGoodAt: lastGoodAt === null ? null : formatTime(lastGoodAt),
    troubles: findTroubles(state, last).map(({ since, ...trouble }) => ({ ...trouble, since: formatTime(since) })),
  };
}
