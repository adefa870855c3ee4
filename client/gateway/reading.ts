import { z } from 'zod';
import { isFinal } from '../../workflows/status.ts';
import type { Status as Seen } from '../../workflows/status.ts';
import type { Onward } from '../onward.ts';
import { statusTo, timelineTo } from './allowed.ts';
import { refusals } from './problems.ts';
import { about, guarded, json, USER } from './routes.ts';
import type { App } from './routes.ts';
import type { EventStreams } from './event-streams.ts';
import { Status, StatusQuery, Timeline, TimelineQuery } from './schemas.ts';
import { stream } from './stream.ts';

const WAIT = 30;

const EventStream = z
  .string()
  .describe(
    '`id: <revision>`, `event: status`, `data: <status>` for each change, until the final state; resumes by `Last-Event-ID`.',
  );

export interface ReadingOptions {
  readonly onward: Onward;
  /** Aborted when the process ends: who waits is answered then. */
  readonly over: AbortSignal;
  readonly streams: EventStreams;
}

/** The doors that tell how a journey stands. */
export async function reading(app: App, { onward, over, streams }: ReadingOptions): Promise<void> {
  app.get(
    USER,
    {
      config: { roles: ['app', 'viewer'] },
      schema: {
        ...about(
          ['app', 'viewer'],
          'status',
          'The status; with `after`, once it has changed; as an event stream, all changes',
        ),
        querystring: StatusQuery,
        response: {
          200: {
            description: 'The status; with `after`, that of the same revision where nothing came in time.',
            content: {
              'application/json': { schema: Status },
              'text/event-stream': { schema: EventStream },
            },
          },
          ...refusals(...guarded, 'not_found', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { params, query, holder, headers } = request;
      const status = await onward.status(params.id);
      if (headers.accept?.includes('text/event-stream') === true) {
        return stream(reply, { onward, streams, status, see: (seen) => statusTo(seen, holder?.role) });
      }
      const { after, wait = WAIT } = query;
      const news = after === undefined ? status : await newsOf(status, after, wait, request.raw);
      return statusTo(news, holder?.role);
    },
  );

  /** The status once it is another than that of the revision, or as it is when the wait is over. */
  async function newsOf(
    status: Seen,
    after: number,
    wait: number,
    caller: { once(event: 'close', act: () => void): void },
  ) {
    const isNews = status.revision !== null && status.revision !== after;
    if (isNews || isFinal(status.state) || wait === 0) return status;
    // One controller and a plain timer: Node 20 forgets an `AbortSignal.timeout` inside an `AbortSignal.any`.
    const waiting = new AbortController();
    const end = () => waiting.abort();
    const timer = setTimeout(end, wait * 1_000);
    caller.once('close', end);
    over.addEventListener('abort', end);
    if (over.aborted) end();
    try {
      return (await onward.watching.next(status.userId, after, waiting.signal)) ?? (await onward.status(status.userId));
    } finally {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
    }
  }

  app.get(
    `${USER}/timeline`,
    {
      config: { roles: ['app', 'viewer'] },
      schema: {
        ...about(['app', 'viewer'], 'timeline', 'What happened, in plain words'),
        querystring: TimelineQuery,
        response: {
          200: json('From the journey’s own ledger.', Timeline),
          ...refusals(...guarded, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params, query, holder }) => {
      if (query.stood !== 'true') return { items: timelineTo(await onward.timeline(params.id), holder?.role) };
      const items = timelineTo(await onward.past(params.id), holder?.role);
      return { items: items.map((item) => ({ ...item, stood: item.stood && statusTo(item.stood, holder?.role) })) };
    },
  );
}
