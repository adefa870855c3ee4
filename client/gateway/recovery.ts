import type { Recovery } from '../recovery.ts';
import { RecoveryStatus } from './operators-schemas.ts';
import { refusals } from './problems.ts';
import { callerOf, guarded, json, withBody, secured } from './routes.ts';
import type { App } from './routes.ts';
import { ReasonBody } from './schemas.ts';

const about = (operationId: string, summary: string, roles: string) => ({
  operationId,
  tags: ['recovery'],
  summary,
  description: `For the role ${roles}. Before the setup has made the Schedule: not found.`,
  security: secured,
});

const acts = {
  pause: 'Starts no more runs, and has the one that is on stop after what is in flight',
  resume: 'Starts runs again when they are due',
  trigger: 'Starts a run now, unless one is on',
} as const;

/** The doors to the automatic retry. */
export async function recovery(app: App, { recovery }: { recovery: Recovery }): Promise<void> {
  app.get(
    '/v1/recovery',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('recovery', 'What the automatic retry does now, has come to, and does next', 'viewer or operator'),
        response: {
          200: json('As it stands.', RecoveryStatus),
          ...refusals(...guarded, 'not_found', 'unavailable'),
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
          ...about(`${act}Recovery`, summary, 'operator'),
          body: ReasonBody,
          response: {
            202: json('It is done.', RecoveryStatus),
            ...refusals(...withBody, 'not_found', 'unavailable'),
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
