import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Act, ActResult } from '../../operators/act.ts';
import { withoutUsers } from './without-user.ts';

/** Temporal's UI sends many of these requests at a time. Only the audit log has them. */
const UNRECORDED: ReadonlySet<string> = new Set(['decodePayloads', 'encodePayloads']);

interface AuditedRequest {
  readonly user?: string | undefined;
  readonly subject?: string | null;
  readonly reason: string | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/**
 * Returns the act of an operator, for the list of acts. Returns `undefined` for a request of a product's backend, for an invalid request,
 * and for one to a user or an operation that does not exist, so that the id of an erased user is not written again.
 */
export function operatorAct(
  { routeOptions, holder, id }: FastifyRequest,
  { statusCode }: FastifyReply,
  { user, subject, reason, parameters }: AuditedRequest,
): Act | undefined {
  const { act } = routeOptions.config;
  if (act === undefined || UNRECORDED.has(act) || holder?.role !== 'operator') return undefined;
  if (statusCode === 400 || statusCode === 404) return undefined;
  const userId = act === 'erase' ? null : (user ?? null);
  return {
    at: new Date().toISOString(),
    by: { role: holder.role, name: holder.name },
    act,
    userId,
    subject: userId === null ? (subject ?? null) : null,
    reason: reason && withoutUsers(reason, othersIn(parameters)),
    parameters: parameters === undefined ? null : withoutUserFields(parameters),
    result: resultOf(statusCode),
    status: statusCode,
    requestId: id,
  };
}

function resultOf(status: number): ActResult {
  if (status < 400) return 'applied';
  return status < 500 ? 'refused' : 'failed';
}

/** The users that a request names besides its own. */
export function othersIn(parameters: AuditedRequest['parameters'] = {}): readonly string[] {
  const { filter, newUserId } = parameters as { filter?: { userIds?: readonly string[] }; newUserId?: unknown };
  return [...(filter?.userIds ?? []), ...(typeof newUserId === 'string' ? [newUserId] : [])];
}

/** An erasure finds an act by the user id in its workflow id, so the memo must not contain any other user id. */
function withoutUserFields({
  filter,
  newUserId: _,
  ...parameters
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof filter !== 'object' || filter === null) return parameters;
  const { userIds } = filter as { readonly userIds?: unknown };
  const others = Object.entries(filter).filter(([field]) => field !== 'userId' && field !== 'userIds');
  return {
    ...parameters,
    filter: { ...Object.fromEntries(others), ...(Array.isArray(userIds) && { users: userIds.length }) },
  };
}
