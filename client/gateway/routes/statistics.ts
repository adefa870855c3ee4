import type { Onward } from '../../onward.ts';
import { problemResponses } from '../plugins/problems.ts';
import { requireRole, json, requiresRole, secured } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import * as schemas from '../schemas/statistics.ts';

/** Registers the route of the statistics. */
export async function statisticsRoutes(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.get(
    '/v1/statistics',
    {
      config: { roles: ['viewer'] },
      schema: {
        operationId: 'statistics',
        tags: ['journeys'],
        summary: 'Returns sign-ups, verifications, ends, time to verified and the provider’s replies over time.',
        description: `The counts are shared by all callers, and cached. ${requiresRole('viewer', 'operator')}`,
        security: secured,
        querystring: schemas.StatisticsQuery,
        response: {
          200: json('The statistics of the period and of the period before.', schemas.Statistics),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async ({ query }) => {
      const { points, notes, ...rest } = await onward.statistics.read(query);
      return { ...rest, points: [...points], notes: [...notes] };
    },
  );
}
