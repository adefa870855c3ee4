import { actColumns, toActCsvLine } from '../../../operators/act-csv.ts';
import type { Acts } from '../../../operators/acts.ts';
import { csvResponse, sendCsv } from '../../csv.ts';
import { problemResponses } from '../../plugins/problems.ts';
import { json, requireRole, requiresRole, secured, withoutUndefined } from '../../route-helpers.ts';
import type { App } from '../../route-helpers.ts';
import { ActCsvQuery, ActPage, ActQuery } from '../../schemas/operators.ts';

const about = (operationId: string, summary: string) => ({
  operationId,
  tags: ['acts'],
  summary,
  description: requiresRole('viewer', 'operator'),
  security: secured,
});

/** Registers the routes of the list of operators' acts. */
export async function actRoutes(app: App, { acts }: { acts: Acts }): Promise<void> {
  app.get(
    '/v1/acts',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('acts', 'Lists what operators did at every gateway, the most recent first.'),
        querystring: ActQuery,
        response: { 200: json('A page of acts.', ActPage), ...problemResponses(...requireRole, 'unavailable') },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { items, next } = await acts.list(withoutUndefined(filter), limit, cursor);
      return { items: items.map((item) => ({ ...item, parameters: item.parameters && { ...item.parameters } })), next };
    },
  );
  app.get(
    '/v1/acts.csv',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('actsCsv', 'Streams all acts that match a filter as CSV, the most recent first.'),
        querystring: ActCsvQuery,
        response: {
          200: csvResponse(actColumns, 'act'),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    ({ query }, reply) =>
      sendCsv(reply, {
        columns: actColumns,
        pages: acts.listAll(withoutUndefined(query)),
        toLine: toActCsvLine,
        fileName: 'acts.csv',
      }),
  );
}
