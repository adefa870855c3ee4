import type { Onward } from '../../onward.ts';
import { csvColumns, toCsvLine } from '../../search/journey-csv.ts';
import { csvResponse, sendCsv } from '../csv.ts';
import { problemResponses } from '../plugins/problems.ts';
import { withoutUndefined, requireRole } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { CountQuery } from '../schemas/journeys.ts';
import { about } from './journeys.ts';

/** Registers the route that exports lists of journeys. */
export async function journeyCsvRoutes(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.get(
    '/v1/journeys.csv',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('listCsv', 'Streams all journeys that match a filter as CSV, the most recently started first.'),
        querystring: CountQuery,
        response: {
          200: csvResponse(csvColumns, 'journey'),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    ({ query }, reply) =>
      sendCsv(reply, {
        columns: csvColumns,
        pages: onward.listAll(withoutUndefined(query)),
        toLine: toCsvLine,
        fileName: 'journeys.csv',
      }),
  );
}
