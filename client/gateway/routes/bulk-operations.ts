import { z } from 'zod';
import type { BulkOperations } from '../../bulk-operations/bulk-operations.ts';
import type { BulkOperationRequest } from '../../bulk-operations/create.ts';
import {
  BulkOperationBody,
  DecisionBody,
  OperationId,
  Operation,
  OperationPage,
  OperationReport,
} from '../schemas/bulk-operations.ts';
import { problemResponses } from '../plugins/problems.ts';
import {
  callerOf,
  withoutUndefined,
  requireRole,
  json,
  Keyed,
  requiresRole,
  secured,
  withBody,
} from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { PageQuery } from '../schemas/journeys.ts';
import { ReasonBody } from '../schemas/journey.ts';

const about = (operationId: string, summary: string, roles: string) => ({
  operationId,
  tags: ['operations'],
  summary,
  description: roles,
  security: secured,
});

const READERS = requiresRole('viewer', 'operator');
const OPERATOR = requiresRole('operator');
const one = { params: z.object({ id: z.string().describe('The id of the operation.') }) };

/** Registers the routes of bulk operations. */
export async function bulkOperationRoutes(app: App, { operations }: { operations: BulkOperations }): Promise<void> {
  startRoute(app, operations);
  decisionRoutes(app, operations);
  stopRoute(app, operations);
  app.get(
    '/v1/operations',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('operations', 'Lists bulk operations, the most recent first.', READERS),
        querystring: PageQuery,
        response: {
          200: json('A page of operations.', OperationPage),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { items, unreadable, next } = await operations.list(limit, cursor);
      return { items: [...items], unreadable: [...unreadable], next };
    },
  );
  app.get(
    '/v1/operations/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('operation', 'Returns the progress of a bulk operation and its outcome for each user.', READERS),
        ...one,
        querystring: PageQuery,
        response: {
          200: json('The operation and a page of outcomes.', OperationReport),
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params: { id }, query }) => {
      const { items, overlaps, ...operation } = await operations.get(id, withoutUndefined(query));
      return { ...operation, overlaps: [...overlaps], items: [...items] };
    },
  );
}

function stopRoute(app: App, operations: BulkOperations): void {
  app.post(
    '/v1/operations/:id/stop',
    {
      config: { roles: ['operator'], act: 'stopOperation' },
      schema: {
        ...about(
          'stopOperation',
          'Stops a bulk operation, or withdraws one that waits for an approval. Commands in flight are finished.',
          OPERATOR,
        ),
        ...one,
        body: ReasonBody,
        response: {
          202: json('The operation is stopping or has ended.', Operation),
          ...problemResponses(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return operations.stop(request.params.id, request.body, callerOf(request));
    },
  );
}

function startRoute(app: App, operations: BulkOperations): void {
  app.post(
    '/v1/operations',
    {
      config: { roles: ['operator'], act: 'operation' },
      schema: {
        ...about(
          'startOperation',
          'Starts a bulk operation: applies a command to every journey that matches a filter.',
          OPERATOR,
        ),
        headers: Keyed,
        body: BulkOperationBody,
        response: {
          202: json('The operation was started.', OperationId),
          ...problemResponses(...withBody, 'idempotency_key_reused', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { filter, ...body } = request.body;
      const operation: BulkOperationRequest = { ...withoutUndefined(body), filter: withoutUndefined(filter) };
      const { id } = await operations.start(operation, callerOf(request));
      reply.code(202).header('location', `/v1/operations/${id}`);
      return { id };
    },
  );
}

const decisions = [
  {
    decision: 'approved',
    path: 'approve',
    act: 'approveOperation',
    summary: 'Approves a bulk operation that another operator has requested. It begins at once.',
  },
  {
    decision: 'rejected',
    path: 'reject',
    act: 'rejectOperation',
    summary: 'Rejects a bulk operation that another operator has requested. It sends nothing.',
  },
] as const;

function decisionRoutes(app: App, operations: BulkOperations): void {
  for (const { decision, path, act, summary } of decisions) {
    app.post(
      `/v1/operations/:id/${path}`,
      {
        config: { roles: ['operator'], act },
        schema: {
          ...about(act, summary, OPERATOR),
          ...one,
          body: DecisionBody,
          response: {
            200: json('The operation with the decision.', Operation),
            ...problemResponses(...withBody, 'not_found', 'not_awaiting_approval', 'unavailable'),
          },
        },
      },
      async (request) => operations.decide(decision, request.params.id, request.body, callerOf(request)),
    );
  }
}
