import type { Onward } from '../onward.ts';
import { refusals } from './problems.ts';
import { given, guarded, json, secured } from './routes.ts';
import type { App } from './routes.ts';
import { Count, CountQuery, Listing, ListQuery, Summary } from './listing-schemas.ts';

const about = (operationId: string, summary: string) => ({
  operationId,
  tags: ['journeys'],
  summary,
  description: 'For the role viewer or operator.',
  security: secured,
});

/** The doors to all journeys. */
export async function directory(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.get(
    '/v1/journeys',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('list', 'Lists journeys, the newest start first'),
        querystring: ListQuery,
        response: { 200: json('A page.', Listing), ...refusals(...guarded, 'unavailable') },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { items, next } = await onward.list(given(filter), limit, cursor);
      return { items: [...items], next };
    },
  );
  app.get(
    '/v1/journeys/count',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('count', 'How many journeys a filter means: what an operation expects'),
        querystring: CountQuery,
        response: { 200: json('Counted now.', Count), ...refusals(...guarded, 'unavailable') },
      },
    },
    async ({ query }) => ({ count: await onward.count(given(query)) }),
  );
  app.get(
    '/v1/journeys/summary',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('summary', 'Counts journeys by state, step and reason'),
        response: { 200: json('At most two seconds behind.', Summary), ...refusals(...guarded, 'unavailable') },
      },
    },
    async () => {
      const { stuck, ...counted } = await onward.summary();
      return { ...counted, stuck: [...stuck] };
    },
  );
}
