import type { Onward } from '../onward.ts';
import { statusTo } from './allowed.ts';
import { refusals } from './problems.ts';
import { about, callerOf, commanding, json, Keyed, USER, withBody } from './routes.ts';
import type { App } from './routes.ts';
import { ReasonBody, StartBody, Status } from './schemas.ts';

/** The doors that begin a journey. */
export async function starting(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.post(
    USER,
    {
      config: { roles: ['app'], act: 'start' },
      schema: {
        ...about(['app'], 'start', 'Starts a journey; one that exists is found and never touched'),
        body: StartBody,
        response: {
          200: json('It exists.', Status),
          201: json('It was started now.', Status),
          ...refusals(...withBody, 'account_type_differs', 'unavailable'),
        },
      },
    },
    async ({ params, body, holder }, reply) => {
      const { accountType, firstEmail, smsStart } = body;
      const { started } = await onward.start(params.id, {
        accountType,
        ...(firstEmail && { firstEmail }),
        ...(smsStart && { smsStart }),
      });
      reply.code(started ? 201 : 200);
      return statusTo(await onward.status(params.id), holder?.role);
    },
  );
  app.post(
    `${USER}/restart`,
    {
      config: { roles: ['app', 'operator'], act: 'restart' },
      schema: {
        ...about(
          ['app', 'operator'],
          'restart',
          'Begins anew after an expired journey; after a cancelled one for operators',
        ),
        headers: Keyed,
        body: ReasonBody,
        response: { 201: json('It was begun anew.', Status), ...refusals(...commanding) },
      },
    },
    async (request, reply) => {
      const { params, body, holder } = request;
      await onward.restart(params.id, body, callerOf(request));
      reply.code(201);
      return statusTo(await onward.status(params.id), holder?.role);
    },
  );
}
