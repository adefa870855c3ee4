import { z } from 'zod';
import { isFinal } from '../../../../workflows/journey/status/status.ts';
import type { Status as JourneyStatus } from '../../../../workflows/journey/status/status.ts';
import type { Onward } from '../../../onward.ts';
import { statusForRole, timelineForRole } from '../../../../workflows/journey/status/role-views.ts';
import { ProblemError, problemResponses } from '../../plugins/problems.ts';
import type { OpenRequests } from '../../sessions/open-requests.ts';
import type { Session } from '../../sessions/sessions.ts';
import { about, requireRole, json, USER, withEtag } from '../../route-helpers.ts';
import type { App } from '../../route-helpers.ts';
import type { EventStreams } from '../../plugins/sse.ts';
import { Status, StatusQuery, Timeline, TimelineQuery } from '../../schemas/journey.ts';
import { streamStatus } from './status-stream.ts';

const DEFAULT_WAIT_S = 30;

const EventStream = z
  .string()
  .describe(
    '`id: <revision>`, `event: status`, `data: <status>` for each change until the final state. Resumes from `Last-Event-ID`.',
  );

export interface JourneyStatusOptions {
  readonly onward: Onward;
  /** Aborted when the process shuts down: waiting callers get a response then. */
  readonly over: AbortSignal;
  readonly streams: EventStreams;
  readonly requests: OpenRequests;
}

/** Registers the routes that return the status and the timeline of a journey. */
export async function journeyStatusRoutes(app: App, options: JourneyStatusOptions): Promise<void> {
  statusRoute(app, options);
  timelineRoute(app, options.onward);
}

function statusRoute(app: App, { onward, over, streams, requests }: JourneyStatusOptions): void {
  app.get(
    USER,
    {
      config: { roles: ['app', 'viewer'] },
      schema: {
        ...about(
          ['app', 'viewer'],
          'status',
          'Returns the onboarding status of a user.',
          'The `etag` is the revision, for the `If-Match` of a command. With `after`, responds when the status has changed. With `Accept: text/event-stream`, streams every change.',
        ),
        querystring: StatusQuery,
        response: {
          200: {
            description: 'The status. With `after` and no change in time, the status with the same revision.',
            content: {
              'application/json': { schema: Status },
              'text/event-stream': { schema: EventStream },
            },
          },
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { params, query, holder, session, headers, method } = request;
      const status = await onward.status(params.id);
      if (headers.accept?.includes('text/event-stream') === true) {
        return streamStatus(reply, {
          onward,
          streams,
          status,
          toResponse: (current) => statusForRole(current, holder?.role),
        });
      }
      const { after, wait = DEFAULT_WAIT_S } = query;
      const isImmediate = after === undefined || method === 'HEAD';
      const current = isImmediate
        ? status
        : await waitForChange({ onward, over, requests }, status, { after, wait, caller: reply.raw, session });
      return withEtag(reply, statusForRole(current, holder?.role));
    },
  );
}

function timelineRoute(app: App, onward: Onward): void {
  app.get(
    `${USER}/timeline`,
    {
      config: { roles: ['app', 'viewer'] },
      schema: {
        ...about(
          ['app', 'viewer'],
          'timeline',
          'Returns the timeline of a journey.',
          'For the role `app`, `by` and `reason` of operators are `null`.',
        ),
        querystring: TimelineQuery,
        response: {
          200: json('The timeline, oldest entry first.', Timeline),
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params, query, holder }) => {
      if (query.include !== 'status') return { items: timelineForRole(await onward.timeline(params.id), holder?.role) };
      const items = timelineForRole(await onward.statusHistory(params.id), holder?.role);
      return {
        items: items.map((item) => ({ ...item, status: item.status && statusForRole(item.status, holder?.role) })),
      };
    },
  );
}

interface LongPoll {
  readonly after: number;
  /** In seconds. */
  readonly wait: number;
  /** The browser session of the caller; `null` for a token. */
  readonly session: Session | null;
  readonly caller: { readonly destroyed: boolean; once(event: 'close', act: () => void): void };
}

/**
 * Returns the status when its revision differs from `after`, or the current one when the wait is over.
 *
 * @throws ProblemError `unauthorized` if the caller's session ends meanwhile
 */
async function waitForChange(
  { onward, over, requests }: Pick<JourneyStatusOptions, 'onward' | 'over' | 'requests'>,
  status: JourneyStatus,
  { after, wait, caller, session }: LongPoll,
): Promise<JourneyStatus> {
  const hasChanged = status.revision !== null && status.revision !== after;
  if (hasChanged || isFinal(status.state) || wait === 0) return status;
  // One controller and a plain timer: Node 20 loses an `AbortSignal.timeout` inside an `AbortSignal.any`.
  const waiting = new AbortController();
  const end = () => waiting.abort();
  const timer = setTimeout(end, wait * 1_000);
  caller.once('close', end);
  over.addEventListener('abort', end);
  let isSessionOver = false;
  const forget = requests.add(session, () => {
    isSessionOver = true;
    end();
  });
  // A caller that disconnected while the status was read emits no `close` any more.
  if (over.aborted || caller.destroyed) end();
  try {
    const changed = await onward.subscriptions.next(status.userId, after, waiting.signal, status);
    if (isSessionOver) throw new ProblemError('unauthorized', 'the session has ended');
    return changed ?? (caller.destroyed ? status : await onward.status(status.userId));
  } finally {
    clearTimeout(timer);
    forget();
    over.removeEventListener('abort', end);
  }
}
