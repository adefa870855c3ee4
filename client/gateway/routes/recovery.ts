import type { Recovery } from '../../recovery/recovery.ts';
import { RecoveryStatus } from '../schemas/bulk-operations.ts';
import { problemResponses } from '../plugins/problems.ts';
import { callerOf, requireRole, json, requiresRole, secured, withBody } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { ReasonBody } from '../schemas/journey.ts';

const about = (operationId: string, summary: string, roles: string) => ({
  operationId,
  tags: ['recovery'],
  summary,
  description: `${roles} Returns \`not_found\` before \`onward setup\` has created the Schedule.`,
  security: secured,
});

const acts = {
  pause: 'Pauses automatic recovery and stops the current run.',
  resume: 'Resumes automatic recovery.',
  trigger: 'Starts a recovery run now, unless one is in progress.',
} as const;

/** Registers the routes of automatic recovery. */
export async function recoveryRoutes(app: App, { recovery }: { recovery: Recovery }): Promise<void> {
  app.get(
    '/v1/recovery',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('recovery', 'Returns the state of automatic recovery.', requiresRole('viewer', 'operator')),
        response: {
          200: json('The current state.', RecoveryStatus),
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    () => recovery.status(),
  );
  for (const [act, summary] of Object.entries(acts) as [keyof typeof acts, string][]) {
    app.post(
      `/v1/recovery/${act}`,
      {
        config: { roles: ['operator'], act: `${act}Recovery` },
        schema: {
          ...about(`${act}Recovery`, summary, requiresRole('operator')),
          body: ReasonBody,
          response: {
            202: json('The command was applied.', RecoveryStatus),
            ...problemResponses(...withBody, 'not_found', 'unavailable'),
          },
        },
      },
      async (request, reply) => {
        reply.code(202);
        return recovery[act](request.body, callerOf(request));
      },
    );
  }
}
