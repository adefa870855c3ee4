import type { Onward } from '../../onward.ts';
import { problemResponses } from '../plugins/problems.ts';
import { withoutUndefined, requireRole, json, requiresRole, secured } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import * as schemas from '../schemas/journeys.ts';

/** Describes an operation on lists of journeys. */
export const about = (operationId: string, summary: string) => ({
  operationId,
  tags: ['journeys'],
  summary,
  description: requiresRole('viewer', 'operator'),
  security: secured,
});

/** Routes that list and count journeys. */
export async function journeyListRoutes(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.get(
    '/v1/journeys',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('list', 'Lists journeys, the most recently started first.'),
        querystring: schemas.ListQuery,
        response: {
          200: json('A page of journeys.', schemas.JourneyPage),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { items, next } = await onward.list(withoutUndefined(filter), limit, cursor);
      return { items: [...items], next };
    },
  );
  app.get(
    '/v1/journeys/count',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('count', 'Counts the journeys that match a filter.'),
        querystring: schemas.CountQuery,
        response: {
          200: json('The number of matching journeys.', schemas.Count),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async ({ query }) => ({ count: await onward.count(withoutUndefined(query)) }),
  );
  app.get(
    '/v1/journeys/summary',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('summary', 'Returns counts by state, step and reason, and what blocks journeys.'),
        response: {
          200: json('The counts, at most two seconds old.', schemas.Summary),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async () => {
      const { blockers, ...counted } = await onward.summary();
      return { ...counted, blockers: [...blockers] };
    },
  );
}
