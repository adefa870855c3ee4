import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { digestOf } from './tokens.ts';

/** Writes down who did what to whom and why, with what became of it. It outlives what Temporal keeps. */
export function audit(app: FastifyInstance, log: Pick<FastifyBaseLogger, 'info'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode } = reply;
    const { act } = request.routeOptions.config;
    if (act === undefined || request.holder === null) return;
    const { role, name } = request.holder;
    log.info(
      { audit: act, by: { role, name }, ...subjectOf(request, reply, act), status: statusCode, requestId: request.id },
      'audit',
    );
  });
}

/** Of a body, what changes something and is no secret. */
const TOLD: ReadonlySet<string> = new Set(['channel', 'command', 'filter', 'expected', 'perSecond', 'dryRun']);

/** Of an erased user stays a digest of the id: enough to prove that it was done, and nothing about anybody. */
function subjectOf({ params, body }: FastifyRequest, reply: FastifyReply, act: string): object {
  const { id = null } = (params ?? {}) as { id?: string };
  if (act === 'erase') return { tombstone: id === null ? null : digestOf(id).toString('hex') };
  const { reason = null, ...asked } = (body ?? {}) as { reason?: string; [field: string]: unknown };
  // What was begun by this has its name from here on.
  const subject = id ?? reply.getHeader('location') ?? null;
  const told = Object.entries(asked).filter(([field]) => TOLD.has(field));
  return { subject, reason, ...(told.length > 0 && { asked: Object.fromEntries(told) }) };
}
