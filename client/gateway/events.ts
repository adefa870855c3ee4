import type { Onward } from '../onward.ts';
import { AccountTypeDiffers } from '../errors.ts';
import type { EventRules } from '../settings.ts';
import { refusals } from './problems.ts';
import type { App } from './routes.ts';
import { EventReply } from './schemas.ts';
import { readEvent, verify } from './signup.ts';

export interface EventOptions {
  readonly onward: Onward;
  readonly secrets: readonly string[];
  readonly rules: EventRules;
  /** Milliseconds: older events are ignored. */
  readonly journeyLife: number;
}

const description = `A sign-up event under Standard Webhooks' headers \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\`:
\`{type:"user.created", timestamp, data:{userId, accountType}}\`, or a structured CloudEvent with the same \`data\`.
The policy file says which types are sign-ups, and where in the event user id and account type stand.`;

const example = {
  type: 'user.created',
  timestamp: '2026-01-31T09:30:00.000Z',
  data: { userId: 'ada', accountType: 'individual' },
};

const reads = ['application/json', 'application/cloudevents+json'] as const;

/** The door for sign-up events. It reads bodies raw, since the signature is over their bytes. */
export async function events(app: App, { onward, secrets, rules, journeyLife }: EventOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...reads], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post(
    '/v1/events',
    {
      config: { rateLimit: false, reads },
      schema: {
        operationId: 'signup',
        tags: ['sign-up'],
        summary: 'Takes a sign-up event',
        description: `${description}\n\nExample: \`${JSON.stringify(example)}\``,
        security: [{ standardWebhooks: [] }],
        response: {
          202: { description: 'Temporal has it.', content: { 'application/json': { schema: EventReply } } },
          ...refusals('bad_request', 'bad_signature', 'too_large', 'unsupported_media_type', 'unavailable'),
        },
      },
    },
    async ({ body, headers }, reply) => {
      const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      verify(raw, headers as Record<string, string>, secrets);
      const { isSignup, userId, accountType, at } = readEvent(raw, rules);
      reply.code(202);
      const tooOld = at !== null && at < Date.now() - journeyLife;
      if (!isSignup || tooOld || userId === null || accountType === null)
        return { userId, journey: 'ignored' as const };
      return { userId, journey: (await begins(userId, accountType)) ? ('started' as const) : ('existing' as const) };
    },
  );

  async function begins(userId: string, accountType: Parameters<Onward['start']>[1]['accountType']): Promise<boolean> {
    try {
      return (await onward.start(userId, { accountType })).started;
    } catch (error) {
      // An event changes nothing of a journey that exists.
      if (error instanceof AccountTypeDiffers) return false;
      throw error;
    }
  }
}
