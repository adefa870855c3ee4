import { z } from 'zod';
import type { Reconciliations } from '../../reconciliation/reconciliations.ts';
import {
  Reconciliation,
  ReconciliationBody,
  ReconciliationId,
  ReconciliationPage,
  ReconciliationReport,
} from '../schemas/reconciliations.ts';
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
  tags: ['reconciliations'],
  summary,
  description: roles,
  security: secured,
});

const READERS = requiresRole('viewer', 'operator');
const OPERATOR = requiresRole('operator');
const one = { params: z.object({ id: z.string().describe('The id of the reconciliation.') }) };

/** Registers the routes of reconciliations. */
export async function reconciliationRoutes(
  app: App,
  { reconciliations }: { reconciliations: Reconciliations },
): Promise<void> {
  startRoute(app, reconciliations);
  stopRoute(app, reconciliations);
  app.get(
    '/v1/reconciliations',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('reconciliations', 'Lists reconciliations, the most recent first.', READERS),
        querystring: PageQuery,
        response: {
          200: json('A page of reconciliations.', ReconciliationPage),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { items, next } = await reconciliations.list(limit, cursor);
      return { items: [...items], next };
    },
  );
  app.get(
    '/v1/reconciliations/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('reconciliation', 'Returns the progress of a reconciliation and its outcome for each user.', READERS),
        ...one,
        querystring: PageQuery,
        response: {
          200: json('The reconciliation and a page of outcomes.', ReconciliationReport),
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params: { id }, query }) => {
      const { items, ...reconciliation } = await reconciliations.get(id, withoutUndefined(query));
      return { ...reconciliation, items: [...items] };
    },
  );
}

function startRoute(app: App, reconciliations: Reconciliations): void {
  app.post(
    '/v1/reconciliations',
    {
      config: { roles: ['operator'], act: 'reconciliation' },
      schema: {
        ...about(
          'startReconciliation',
          "Compares sFOX's list of users with the journeys, and starts or rechecks journeys that differ. Sends no code.",
          OPERATOR,
        ),
        headers: Keyed,
        body: ReconciliationBody,
        response: {
          202: json('The reconciliation was started.', ReconciliationId),
          ...problemResponses(...withBody, 'idempotency_key_reused', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { id } = await reconciliations.start(withoutUndefined(request.body), callerOf(request));
      reply.code(202).header('location', `/v1/reconciliations/${id}`);
      return { id };
    },
  );
}

function stopRoute(app: App, reconciliations: Reconciliations): void {
  app.post(
    '/v1/reconciliations/:id/stop',
    {
      config: { roles: ['operator'], act: 'stopReconciliation' },
      schema: {
        ...about('stopReconciliation', 'Stops a reconciliation. Commands in flight are finished.', OPERATOR),
        ...one,
        body: ReasonBody,
        response: {
          202: json('The reconciliation is stopping or has ended.', Reconciliation),
          ...problemResponses(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      reply.code(202);
      return reconciliations.stop(request.params.id, request.body, callerOf(request));
    },
  );
}
