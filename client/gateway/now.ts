import { z } from 'zod';
import type { Now as Seen } from '../now.ts';
import type { Onward } from '../onward.ts';
import type { Rates } from '../settings.ts';
import type { EventStreams } from './event-streams.ts';
import { Now } from './now-schemas.ts';
import { refusals } from './problems.ts';
import { guarded, secured } from './routes.ts';
import type { App } from './routes.ts';

export interface NowOptions {
  readonly onward: Onward;
  readonly rates: Rates;
  readonly streams: EventStreams;
}

const EventStream = z
  .string()
  .describe(
    '`event: now`, `data: <as in JSON>` at once, and every two seconds or, where a look costs much, less often; `event: away` where Temporal did not answer. Does not end by itself.',
  );

/** The door to everything at one glance. */
export async function now(app: App, { onward, rates, streams }: NowOptions): Promise<void> {
  const tell = ({ summary, standing, provider, workers, operations, ...seen }: Seen) => ({
    ...seen,
    summary: { ...summary, stuck: [...summary.stuck] },
    standing: [...standing],
    provider: provider && { ...provider, minutes: [...provider.minutes] },
    workers: [...workers],
    operations: [...operations],
    limits: { sendsPerMinute: rates.sendsPerSecond * 60 },
  });
  // Whoever comes first is not to wait for the first look.
  app.addHook('onListen', () => void onward.looking.look().catch(() => {}));
  app.get(
    '/v1/now',
    {
      config: { roles: ['viewer'] },
      schema: {
        operationId: 'now',
        tags: ['journeys'],
        summary:
          'Everything at one glance: counts, ages, the provider, workers, recovery, operations; as an event stream, live',
        description: 'For the role viewer or operator. One look is shared by all who listen.',
        security: secured,
        response: {
          200: {
            description: 'As it is seen now; as an event stream, what was seen last comes first. `asOf` says when.',
            content: { 'application/json': { schema: Now }, 'text/event-stream': { schema: EventStream } },
          },
          ...refusals(...guarded, 'unavailable'),
        },
      },
    },
    async ({ headers, holder }, reply) => {
      if (headers.accept?.includes('text/event-stream') !== true) return tell(await onward.looking.look());
      return streams.begin(reply, holder, (events) =>
        onward.looking.listen({ look: (seen) => events.send('now', tell(seen)), away: () => events.send('away', {}) }),
      );
    },
  );
}
