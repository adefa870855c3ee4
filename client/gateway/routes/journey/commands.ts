import { commandFacts, commandNames, commands, lifecycleActions } from '../../../../workflows/journey/commands.ts';
import type { CommandName } from '../../../../workflows/journey/commands.ts';
import type { Onward } from '../../../onward.ts';
import { NotFound, Unavailable } from '../../../errors.ts';
import { statusForRole } from '../../../../workflows/journey/status/role-views.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import { CommandPreview, PreviewQuery } from '../../schemas/command-preview.ts';
import { problemResponses } from '../../plugins/problems.ts';
import {
  about,
  callerOf,
  commandSchema,
  Conditional,
  requireRole,
  revisionIn,
  json,
  Keyed,
  USER,
  withBody,
  withEtag,
} from '../../route-helpers.ts';
import type { App } from '../../route-helpers.ts';
import { commandBody, CodeBody, CodeOutcome, CodePending, Erased, ReasonBody, Status } from '../../schemas/journey.ts';
import type { Rate } from '../../config.ts';
import { digestOf } from '../../plugins/tokens.ts';

/** The part of a token's rate that rechecks may use, with a counter of its own: each recheck is a request to the provider that no user waits for. */
const RECHECK_SHARE = 0.1;

/** Registers the routes that send a command to a journey. */
export async function journeyCommandRoutes(
  app: App,
  { onward, auditLog, rate }: { onward: Onward; auditLog: AuditLog; rate: Rate },
): Promise<void> {
  codeRoute(app, onward);
  eraseRoute(app, onward, auditLog);
  previewRoute(app, onward);
  for (const name of commandNames) commandRoute(app, name, onward, rate);
}

function commandRoute(app: App, name: CommandName, onward: Onward, rate: Rate): void {
  const { roles, summary, limit, asksForCode } = commandFacts(name);
  app.post(
    `${USER}/${name}`,
    {
      config: { roles, act: name, ...(limit === 'recheck' && { rateLimit: recheckRate(rate) }) },
      schema: {
        ...about(roles, name, `${summary}.`),
        headers: Conditional,
        body: commandBody(name),
        response: {
          202: json('The command was applied.', Status),
          ...problemResponses(
            ...commandSchema,
            'revision_differs',
            ...(limit === undefined ? [] : (['cooling_down'] as const)),
            ...(asksForCode === true ? (['send_budget_spent'] as const) : []),
          ),
        },
      },
    },
    async (request, reply) => {
      const command = { ...request.body, ifRevision: revisionIn(request.headers) };
      const status = await onward.send(name, request.params.id, command, callerOf(request));
      return reply.code(202).send(withEtag(reply, statusForRole(status, request.holder?.role)));
    },
  );
}

const recheckRate = ({ calls, within }: Rate) => ({ max: Math.ceil(calls * RECHECK_SHARE), timeWindow: within });

function codeRoute(app: App, onward: Onward): void {
  app.post(
    `${USER}/code`,
    {
      config: { roles: commands.submitCode.roles, act: 'submitCode' },
      schema: {
        ...about(
          commands.submitCode.roles,
          'submitCode',
          `${commands.submitCode.summary}.`,
          commands.submitCode.effect,
        ),
        headers: Keyed,
        body: CodeBody,
        response: {
          200: json('The code was checked.', CodeOutcome),
          202: json('No outcome within 15 seconds.', CodePending),
          ...problemResponses(...commandSchema, 'provider_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { params, body, holder } = request;
      const answer = await onward.submitCode(params.id, body, callerOf(request));
      if (answer.outcome === 'pending') {
        reply.code(202);
        return { outcome: answer.outcome };
      }
      return { outcome: answer.outcome, status: statusForRole(answer.status, holder?.role) };
    },
  );
}

function previewRoute(app: App, onward: Onward): void {
  app.get(
    `${USER}/preview`,
    {
      config: { roles: ['operator'] },
      schema: {
        ...about(
          ['operator'],
          'preview',
          'Returns the result that a command would have now.',
          'The command is not applied.',
        ),
        querystring: PreviewQuery,
        response: {
          200: json('The expected result.', CommandPreview),
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    ({ params, query }) => onward.preview(params.id, query.command),
  );
}

/** Lists what an erasure does not delete, for people. */
function remainsAfter(areLinesBlanked: boolean, digest: string): string[] {
  const earlier = areLinesBlanked
    ? 'Audit logs of other gateways, and copies of the audit log, still contain the id in lines written before the erasure'
    : 'The audit log still contains the id in lines written before the erasure';
  return [
    `${earlier}: search for the digest ${digest} beside it.`,
    'Request logs of processes may contain the id.',
    'Recovery runs that retried the journey contain the id, encrypted, until the retention period of the namespace is over.',
    'A journey that superseded this one, or was superseded by it, contains the id until its user is erased too.',
  ];
}

function eraseRoute(app: App, onward: Onward, auditLog: AuditLog): void {
  const blankEarlierLines = async (userId: string) => {
    try {
      return await auditLog.blank(userId);
    } catch (error) {
      app.log.error({ err: error }, 'the audit log could not be rewritten');
      throw new Unavailable(
        'Temporal stores no data of the user any more, but the audit log could not be rewritten; retry',
      );
    }
  };
  app.delete(
    '/v1/users/:id',
    {
      config: { roles: lifecycleActions.erase.roles, act: 'erase' },
      schema: {
        ...about(
          lifecycleActions.erase.roles,
          'erase',
          `${lifecycleActions.erase.summary}.`,
          'Responds when no journey of the user is left.',
        ),
        body: ReasonBody,
        response: {
          200: json('The data of the user is erased.', Erased),
          ...problemResponses(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params: { id: userId } }) => {
      try {
        await onward.erase(userId);
      } catch (error) {
        // An earlier erasure may have failed after it deleted the data in Temporal.
        if (error instanceof NotFound) await blankEarlierLines(userId);
        throw error;
      }
      const digest = digestOf(userId).toString('hex');
      return { userId, erased: true as const, digest, remains: remainsAfter(await blankEarlierLines(userId), digest) };
    },
  );
}
