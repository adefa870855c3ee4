import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Act } from '../../operators/act.ts';
import type { Acts } from '../../operators/acts.ts';
import { explainInvalidUserId } from '../../validation.ts';
import { readWebhookId } from '../../webhooks/webhooks.ts';
import type { AuditLog } from './audit-log.ts';
import { operatorAct, othersIn } from './operator-act.ts';
import { withoutUsers } from './without-user.ts';
import { ProblemError } from '../plugins/problems.ts';
import { digestOf } from '../plugins/tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the intent of the action is recorded; `null` before the attempt. */
    audited: 'intent' | 'unavailable' | null;
  }
}

/** Seconds after which a caller may retry if the audit log cannot be written. */
const RETRY_AFTER_S = 5;

/**
 * Records who did what to which user and why: the intent before the action, and the outcome before its response is sent.
 * Both hooks run even if the caller disconnects. If the intent cannot be recorded, the action is not carried out. An operator's act is
 * also added to the list of acts, which all gateways share. Only the audit log is complete.
 */
export function registerAuditLog(app: FastifyInstance, log: AuditLog, acts: Pick<Acts, 'record'>): void {
  app.decorateRequest('audited', null);
  app.addHook('preHandler', async (request) => {
    const act = actOf(request);
    if (act === undefined) return;
    try {
      await log.write({ ...act, phase: 'intent', ...auditLine(validatedFields(request)) });
      request.audited = 'intent';
    } catch (error) {
      request.audited = 'unavailable';
      request.log.error({ err: error }, 'the audit log cannot be written');
      throw new ProblemError('audit_unavailable', undefined, RETRY_AFTER_S);
    }
  });
  app.addHook('onSend', async (request, reply) => {
    const act = actOf(request);
    if (act === undefined || request.audited === 'unavailable') return;
    // The fields of a request that failed validation are not recorded.
    const fields = request.audited === 'intent' ? validatedFields(request, reply) : undefined;
    const written = log
      .write({ ...act, phase: 'outcome', ...(fields && auditLine(fields)), status: reply.statusCode })
      .catch((error: unknown) => {
        request.log.error({ err: error }, 'the outcome of an action is missing in the audit log');
      });
    if (fields === undefined) return;
    const recorded = operatorAct(request, reply, fields);
    await Promise.all([written, recorded && recordAct(request, acts, recorded)]);
  });
}

async function recordAct(request: FastifyRequest, acts: Pick<Acts, 'record'>, act: Act): Promise<void> {
  try {
    await acts.record(act);
  } catch (error) {
    request.log.error({ err: error }, 'an act is missing in the list of acts; the audit log has it');
  }
}

function actOf({ routeOptions, holder, id }: FastifyRequest): object | undefined {
  const { act } = routeOptions.config;
  if (act === undefined || holder === null) return undefined;
  const { role, name, personId } = holder;
  return { audit: act, by: { role, name, ...(personId !== undefined && { personId }) }, requestId: id };
}

/** The fields of a body that are recorded. None contains a secret. */
const AUDITED_FIELDS: ReadonlySet<string> = new Set([
  'channel',
  'command',
  'filter',
  'expected',
  'perSecond',
  'dryRun',
  'dryRunId',
  'digest',
  'newUserId',
  'policy',
  'since',
]);

interface Body {
  readonly reason?: string;
  readonly filter?: { readonly userId?: string; readonly userIds?: readonly string[] };
  readonly [field: string]: unknown;
}

interface AuditedFields {
  /** The user that the request is about. */
  readonly user: string | undefined;
  readonly isErasure: boolean;
  readonly subject: string | null;
  readonly reason: string | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Returns the user, the reason and the fields of a request that its route's schema has validated. */
function validatedFields({ params, body, routeOptions }: FastifyRequest, reply?: FastifyReply): AuditedFields {
  const { id } = (params ?? {}) as { id?: string };
  const { reason = null, ...fields } = (body ?? {}) as Body;
  const user = userIn(routeOptions.url ?? '', id, fields.filter?.userId);
  if (routeOptions.config.act === 'erase') {
    const masked = user === undefined || reason === null ? null : withoutUsers(reason, [user]);
    return { user, isErasure: true, subject: null, reason: masked };
  }
  // An operation that this request started has its id in `location`.
  const location = reply?.getHeader('location');
  const subject =
    (id !== undefined && isValidId(id) ? id : undefined) ?? (location === undefined ? null : String(location));
  const parameters = Object.entries(fields).filter(([field]) => AUDITED_FIELDS.has(field));
  return {
    user,
    isErasure: false,
    subject,
    reason,
    ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
  };
}

/** Returns the line of the audit log. An erasure finds it by the digests of its users. */
function auditLine({ user, isErasure, subject, reason, parameters }: AuditedFields): object {
  const hexOf = (userId: string) => digestOf(userId).toString('hex');
  if (isErasure) return { tombstone: user === undefined ? null : hexOf(user), reason };
  const others = othersIn(parameters);
  return {
    subject,
    ...(user !== undefined && { digest: hexOf(user) }),
    ...(others.length > 0 && { digests: others.map(hexOf) }),
    reason,
    ...(parameters !== undefined && { parameters }),
  };
}

/** The user that a request is about, by a validated id. */
function userIn(route: string, id: string | undefined, filtered: string | undefined): string | undefined {
  const user = route.startsWith('/v1/users/') ? id : id === undefined ? filtered : readWebhookId(id)?.userId;
  return user === undefined || explainInvalidUserId(user) !== undefined ? undefined : user;
}

function isValidId(id: string): boolean {
  return explainInvalidUserId(id) === undefined || readWebhookId(id) !== undefined;
}
