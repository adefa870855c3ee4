import { z } from 'zod';
import type { DashboardSnapshot } from '../../monitoring/dashboard.ts';
import type { Onward } from '../../onward.ts';
import type { Rates } from '../../config/policy-file.ts';
import type { EventStreams } from '../plugins/sse.ts';
import { Dashboard } from '../schemas/dashboard.ts';
import { problemResponses } from '../plugins/problems.ts';
import { requireRole, requiresRole, secured } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';

export interface DashboardOptions {
  readonly onward: Onward;
  readonly rates: Rates;
  readonly streams: EventStreams;
}

const EventStream = z
  .string()
  .describe(
    '`event: dashboard`, `data: <as in JSON>` immediately, then every two seconds, or less often while queries are slow; `event: unavailable` while Temporal does not respond. The stream does not end by itself.',
  );

/** Registers the route of the overview. */
export async function dashboardRoutes(app: App, { onward, rates, streams }: DashboardOptions): Promise<void> {
  const toResponse = ({ summary, byState, provider, workers, operations, ...rest }: DashboardSnapshot) => ({
    ...rest,
    summary: { ...summary, blockers: [...summary.blockers] },
    byState: [...byState],
    provider: provider && { ...provider, minutes: [...provider.minutes], troubles: [...provider.troubles] },
    workers: [...workers],
    operations: [...operations],
    limits: { sendsPerMinute: rates.sendsPerSecond * 60 },
  });
  // So that the first caller does not wait for the first refresh.
  app.addHook('onListen', () => void onward.dashboard.refresh().catch(() => {}));
  app.get(
    '/v1/dashboard',
    {
      config: { roles: ['viewer'] },
      schema: {
        operationId: 'dashboard',
        tags: ['journeys'],
        summary: 'Returns the overview: counts, ages, provider health, workers, recovery and operations.',
        description: `With \`Accept: text/event-stream\`, streams updates. ${requiresRole('viewer', 'operator')}`,
        security: secured,
        response: {
          200: {
            description: 'The overview at the time `asOf`. A stream begins with the most recent overview.',
            content: { 'application/json': { schema: Dashboard }, 'text/event-stream': { schema: EventStream } },
          },
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async ({ headers, holder }, reply) => {
      if (headers.accept?.includes('text/event-stream') !== true) return toResponse(await onward.dashboard.refresh());
      return streams.begin(reply, holder, (events) =>
        onward.dashboard.subscribe({
          onSnapshot: (snapshot) => events.send('dashboard', toResponse(snapshot)),
          onUnavailable: () => events.send('unavailable', {}),
        }),
      );
    },
  );
}
