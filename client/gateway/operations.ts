import { z } from 'zod';
import type { Operations } from '../operations.ts';
import type { OperationRequest } from '../ordering.ts';
import { OperationBody, OperationId, Operation, OperationPage, OperationReport } from './operators-schemas.ts';
import { refusals } from './problems.ts';
import { callerOf, given, guarded, json, Keyed, withBody, secured } from './routes.ts';
import type { App } from './routes.ts';
import { PageQuery } from './listing-schemas.ts';
import { ReasonBody } from './schemas.ts';

const about = (operationId: string, summary: string, roles: string) => ({
  operationId,
  tags: ['operations'],
  summary,
  description: `For the role ${roles}.`,
  security: secured,
});

const READERS = 'viewer or operator';
const one = { params: z.object({ id: z.string().describe('Of the operation.') }) };

/** The doors to bulk operations. */
export async function operations(app: App, { operations }: { operations: Operations }): Promise<void> {
  order(app, operations);
  app.get(
    '/v1/operations',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('operations', 'Lists bulk operations, the newest first', READERS),
        querystring: PageQuery,
        response: { 200: json('A page.', OperationPage), ...refusals(...guarded, 'unavailable') },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { items, next } = await operations.list(limit, cursor);
      return { items: [...items], next };
    },
  );
  app.get(
    '/v1/operations/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('operation', 'How far an operation has come, and what came of it by user', READERS),
        ...one,
        querystring: PageQuery,
        response: {
          200: json('As it stands, with a page of outcomes.', OperationReport),
          ...refusals(...guarded, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params: { id }, query }) => {
      const { items, ...operation } = await operations.get(id, given(query));
      return { ...operation, items: [...items] };
    },
  );
  app.post(
    '/v1/operations/:id/stop',
    {
      config: { roles: ['operator'], act: 'stopOperation' },
      schema: {
        ...about(
          'stopOperation',
          'Stops an operation after what is in flight; one that has ended stays as it is',
          'operator',
        ),
        ...one,
        body: ReasonBody,
        response: { 202: json('It stops.', Operation), ...refusals(...withBody, 'not_found', 'unavailable') },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return operations.stop(request.params.id, request.body, callerOf(request));
    },
  );
}

function order(app: App, operations: Operations): void {
  app.post(
    '/v1/operations',
    {
      config: { roles: ['operator'], act: 'operation' },
      schema: {
        ...about('order', 'Has all journeys of a filter told one command, or asked what would come of it', 'operator'),
        headers: Keyed,
        body: OperationBody,
        response: {
          202: json('It is on its way.', OperationId),
          ...refusals(...withBody, 'key_reused', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { filter, ...body } = request.body;
      const asked: OperationRequest = { ...given(body), filter: given(filter) };
      const { id } = await operations.start(asked, callerOf(request));
      reply.code(202).header('location', `/v1/operations/${id}`);
      return { id };
    },
  );
}
