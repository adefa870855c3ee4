import type { Onward } from '../../../onward.ts';
import { lifecycleActions } from '../../../../workflows/journey/commands.ts';
import { statusForRole } from '../../../../workflows/journey/status/role-views.ts';
import { problemResponses } from '../../plugins/problems.ts';
import { about, callerOf, commandSchema, json, Keyed, USER, withBody } from '../../route-helpers.ts';
import type { App } from '../../route-helpers.ts';
import { ReasonBody, StartBody, Status, SupersedeBody } from '../../schemas/journey.ts';

/** Routes that start a journey. */
export async function journeyStartRoutes(app: App, { onward }: { onward: Onward }): Promise<void> {
  supersedeRoute(app, onward);
  app.post(
    USER,
    {
      config: { roles: ['app'], act: 'start' },
      schema: {
        ...about(['app'], 'start', 'Starts the journey of a user.', 'An existing journey is returned unchanged.'),
        body: StartBody,
        response: {
          200: json('The journey exists already.', Status),
          201: json('The journey was started.', Status),
          ...problemResponses(...withBody, 'account_type_differs', 'unavailable'),
        },
      },
    },
    async ({ params, body, holder }, reply) => {
      const { accountType, firstEmail, smsStart, timeZone } = body;
      const { started } = await onward.start(params.id, {
        accountType,
        ...(firstEmail && { firstEmail }),
        ...(smsStart && { smsStart }),
        timeZone,
      });
      reply.code(started ? 201 : 200);
      return statusForRole(await onward.status(params.id), holder?.role);
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
          'Starts a new journey after an expired one.',
          'An operator can also restart a cancelled journey. The send and guess counters of the last day are carried over.',
        ),
        headers: Keyed,
        body: ReasonBody,
        response: { 201: json('The new journey was started.', Status), ...problemResponses(...commandSchema) },
      },
    },
    async (request, reply) => {
      const { params, body, holder } = request;
      await onward.restart(params.id, body, callerOf(request));
      reply.code(201);
      return statusForRole(await onward.status(params.id), holder?.role);
    },
  );
}

function supersedeRoute(app: App, onward: Onward): void {
  const { roles, summary } = lifecycleActions.supersede;
  app.post(
    `${USER}/supersede`,
    {
      config: { roles, act: 'supersede' },
      schema: {
        ...about(
          roles,
          'supersede',
          `${summary}.`,
          'For another address or number, which sFOX cannot overwrite. The new journey has the same account type, and the send and guess counters of the last day are carried over. The statuses name each other.',
        ),
        headers: Keyed,
        body: SupersedeBody,
        response: {
          201: json('The new journey was started.', Status),
          ...problemResponses(...commandSchema, 'journey_exists'),
        },
      },
    },
    async (request, reply) => {
      const { params, body, holder } = request;
      const status = await onward.supersede(params.id, body, callerOf(request));
      return reply.code(201).send(statusForRole(status, holder?.role));
    },
  );
}
