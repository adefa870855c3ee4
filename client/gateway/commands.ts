import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Status as Seen } from '../../workflows/status.ts';
import type { Caller } from '../ask.ts';
import type { Onward } from '../onward.ts';
import { commandRoles, statusTo } from './allowed.ts';
import { Forecast, ForecastQuery } from './outcome-schemas.ts';
import { refusals } from './problems.ts';
import type { ProblemCode } from './problems.ts';
import { about, callerOf, commanding, given, guarded, json, Keyed, USER, withBody } from './routes.ts';
import type { App } from './routes.ts';
import {
  CodeBody,
  CodeOutcome,
  CodePending,
  Erased,
  OverrideBody,
  ReasonBody,
  RecheckBody,
  ResendBody,
  Status,
} from './schemas.ts';

type Name = Exclude<keyof typeof commandRoles, 'submitCode'>;

/** The doors by which people tell a journey something. */
export async function commands(app: App, { onward }: { onward: Onward }): Promise<void> {
  code(app, onward);
  erase(app, onward);
  forecast(app, onward);
  command(
    app,
    'resend',
    'Asks for another code',
    ResendBody,
    (user, body, by) => onward.resend(user, given(body ?? {}), by),
    ['cooling_down'],
  );
  command(app, 'recheck', 'Asks the provider for its record, and moves on accordingly', RecheckBody, (user, body, by) =>
    onward.recheck(user, given(body ?? {}), by),
  );
  command(
    app,
    'retry',
    'Sends what is due, or opens a locked channel',
    ReasonBody,
    (user, body, by) => onward.retry(user, body, by),
    ['cooling_down'],
  );
  command(app, 'pause', 'Holds the journey', ReasonBody, (user, body, by) => onward.pause(user, body, by));
  command(app, 'resume', 'Lets a paused journey go on', ReasonBody, (user, body, by) => onward.resume(user, body, by));
  command(app, 'cancel', 'Ends the journey', ReasonBody, (user, body, by) => onward.cancel(user, body, by));
  command(app, 'override', 'Declares a channel verified', OverrideBody, (user, body, by) =>
    onward.override(user, body, by),
  );
}

function command<S extends z.ZodType>(
  app: App,
  name: Name,
  summary: string,
  body: S,
  tell: (userId: string, body: z.output<S>, by: Caller) => Promise<Seen>,
  more: readonly ProblemCode[] = [],
): void {
  const roles = commandRoles[name];
  app.post(
    `${USER}/${name}`,
    {
      config: { roles, act: name },
      schema: {
        ...about(roles, name, summary),
        headers: Keyed,
        body,
        response: { 202: json('The journey has taken it.', Status), ...refusals(...commanding, ...more) },
      },
    },
    async (request: FastifyRequest, reply) => {
      const { id } = request.params as { id: string };
      const status = await tell(id, request.body as z.output<S>, callerOf(request));
      return reply.code(202).send(statusTo(status, request.holder?.role));
    },
  );
}

function code(app: App, onward: Onward): void {
  app.post(
    `${USER}/code`,
    {
      config: { roles: ['app'], act: 'submitCode' },
      schema: {
        ...about(['app'], 'submitCode', 'Has a code judged'),
        headers: Keyed,
        body: CodeBody,
        response: {
          200: json('Judged.', CodeOutcome),
          202: json('No outcome in time.', CodePending),
          ...refusals(...commanding, 'provider_unavailable'),
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
      return { outcome: answer.outcome, status: statusTo(answer.status, holder?.role) };
    },
  );
}

function forecast(app: App, onward: Onward): void {
  app.get(
    `${USER}/forecast`,
    {
      config: { roles: ['operator'] },
      schema: {
        ...about(['operator'], 'forecast', 'What would come of a command now; the journey is told nothing'),
        querystring: ForecastQuery,
        response: {
          200: json('By the journey’s own machine.', Forecast),
          ...refusals(...guarded, 'not_found', 'unavailable'),
        },
      },
    },
    ({ params, query }) => onward.forecast(params.id, query.command),
  );
}

function erase(app: App, onward: Onward): void {
  app.delete(
    '/v1/users/:id',
    {
      config: { roles: ['operator'], act: 'erase' },
      schema: {
        ...about(['operator'], 'erase', 'Erases all that is kept of a user, and proves it'),
        body: ReasonBody,
        response: {
          200: json('Nothing of the user is there any more.', Erased),
          ...refusals(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params }) => {
      await onward.erase(params.id);
      return { userId: params.id, erased: true as const };
    },
  );
}
