import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { digestOf } from './tokens.ts';

/** Writes down who did what to whom and why, with what became of it. It outlives what Temporal keeps. */
export function audit(app: FastifyInstance, log: Pick<FastifyBaseLogger, 'info'>): void {
  app.addHook('onResponse', async (request, { statusCode }) => {
    const { act } = request.routeOptions.config;
    if (act === undefined || request.holder === null) return;
    const { role, name } = request.holder;
    log.info(
      { audit: act, by: { role, name }, ...subjectOf(request, act), status: statusCode, requestId: request.id },
      'audit',
    );
  });
}

/** Of an erased user stays a digest of the id: enough to prove that it was done, and nothing about anybody. */
function subjectOf({ params, body }: FastifyRequest, act: string): object {
  const { id = null } = (params ?? {}) as { id?: string };
  if (act === 'erase') return { tombstone: id === null ? null : digestOf(id).toString('hex') };
  const { reason = null } = (body ?? {}) as { reason?: string };
  return { subject: id, reason };
}
