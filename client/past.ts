import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { journeyId } from '../workflows/contract.ts';
import type { Begin } from '../workflows/contract.ts';
import type { JourneyInput } from '../workflows/context.ts';
import { endingOf } from '../workflows/ending.ts';
import type { Answer, Command } from '../workflows/events.ts';
import { unbroken } from '../workflows/log.ts';
import type { LogEntry, TimelineItem } from '../workflows/log.ts';
import { migrate } from '../workflows/migrate.ts';
import { statusOf } from '../workflows/status.ts';
import type { Status } from '../workflows/status.ts';
import { advance, begin, wake } from '../workflows/step.ts';
import type { Journey } from '../workflows/step.ts';
import { ofWorkflow } from './belonging.ts';

/** What a journey began with, and keeps. */
type Beginning = Pick<JourneyInput, 'userId' | 'accountType' | 'policy'>;

/** A line of the timeline, and how the journey stood after it; `null` where nobody can tell. */
export interface PastItem extends TimelineItem {
  readonly stood: Status | null;
}

/** Reads what a journey began with from the first event of its history. No worker is needed. */
export async function readBeginning(client: Client, userId: string): Promise<Beginning> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: journeyId(userId) },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const context = ofWorkflow(client, journeyId(userId));
  const [from] = (await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads, context)) as [Begin];
  return 'signup' in from ? from.signup : migrate(from.kept).context;
}

/**
 * How a journey stood after each entry of its log: the log is told to the machine once more, which costs the journey nothing.
 *
 * `null` where nobody can tell: before the newest start, since a journey that began before it may have had another policy;
 * behind a gap of a very long log; and behind an entry that this release's machine, or an older one's log, has no way for.
 */
export function retrace(log: readonly LogEntry[], from: Beginning): (Status | null)[] {
  const newestStart = log.findLastIndex(({ what }) => isStart(what));
  const stood: (Status | null)[] = [];
  let journey: Journey | undefined;
  for (const [index, entry] of log.slice(0, unbroken(log)).entries()) {
    if (!isStart(entry.what)) journey = journey && after(journey, entry);
    else journey = index === 0 || journey !== undefined ? begun(entry, from, journey) : undefined;
    stood.push(journey === undefined || index < newestStart ? null : statusOf(journey));
  }
  return log.map((_, index) => stood[index] ?? null);
}

const isStart = (what: LogEntry['what']) => what === 'started' || what === 'restarted';

/** A journey whose end was cut off from outside leaves nothing to the one that is begun after it. */
function begun({ at, by, reason }: LogEntry, from: Beginning, before: Journey | undefined): Journey {
  const { userId, accountType, policy } = from;
  const input = { userId, accountType, policy, at };
  if (by === null) return begin(input).journey;
  const carried = before && { carried: endingOf(before).carried };
  return begin({ ...input, restarted: { by, reason: reason ?? '', ...carried } }).journey;
}

function after(journey: Journey, entry: LogEntry): Journey | undefined {
  const event = eventOf(entry);
  if (event === null) return undefined;
  // Delays that come due together have an entry each, and are woken by the first.
  if (event === undefined) return wake(journey, entry.at).journey;
  const next = advance(journey, event).journey;
  // Whatever stands in the log has changed something.
  return next === journey ? undefined : next;
}

/** The event that an entry was made from; `undefined` for a delay that came due, `null` where the log does not say all of it. */
function eventOf({ what, at, channel, detail, by, reason, record }: LogEntry): Command | Answer | undefined | null {
  const told = { at, by: by ?? { role: 'onward', name: '' }, reason } as const;
  const said = { at, detail: detail ?? '' };
  switch (what) {
    case 'submitCode':
      return channel === null ? null : { type: what, channel, code: '', ...told };
    case 'resend':
    case 'override':
      return channel === null ? null : { type: what, channel, ...told };
    case 'recheck':
    case 'retry':
    case 'pause':
    case 'resume':
    case 'cancel':
    case 'recover':
      return { type: what, ...told };
    case 'codeSent':
      return { type: what, at, to: detail };
    case 'sendAlreadyVerified':
    case 'sendStopped':
    case 'codeRight':
    case 'codeAlreadyVerified':
    case 'codeWrong':
      return { type: what, at };
    case 'sendRefused':
    case 'sendUnreached':
    case 'sendRateLimited':
    case 'sendCredentials':
    case 'sendUnknown':
    case 'codeUnknown':
    case 'recordRefused':
    case 'recordUnread':
    case 'recordCredentials':
      return { type: what, ...said };
    case 'codeNotJudged':
      return { type: what, ...said, retryAfter: null };
    case 'recordRead':
      return record === undefined ? null : { type: what, at, record };
    case 'started':
    case 'restarted':
      return null;
    case 'journeyLife':
    case 'reminderAfter':
    case 'codeLifeAfterUnknown':
    case 'cooldown':
    case 'sendLimit':
      return undefined;
    default:
      return assertNever(what);
  }
}

function assertNever(what: never): never {
  throw new Error(`the log holds '${String(what)}', which is nothing that happens`);
}
