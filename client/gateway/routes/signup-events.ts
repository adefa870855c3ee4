import type { Onward } from '../../onward.ts';
import { AccountTypeDiffers } from '../../errors.ts';
import type { EventRules } from '../../config/policy-file.ts';
import type { UserIdRule } from '../../validation.ts';
import type { EventMeters } from '../metrics/signup-metrics.ts';
import type { EventRate, UnknownCallers } from '../plugins/rate-limits.ts';
import { problemResponses } from '../plugins/problems.ts';
import type { App } from '../route-helpers.ts';
import { EventReply } from '../schemas/journey.ts';
import { readEvent } from '../signup-events/parse-event.ts';
import type { SignupEvent } from '../signup-events/parse-event.ts';
import { isSigned, readSignatureHeaders } from '../signup-events/verify-signature.ts';

export interface EventOptions {
  readonly onward: Onward;
  readonly webhookSecrets: readonly string[];
  readonly eventRules: EventRules;
  readonly userIds: UserIdRule;
  /** Events older than this are ignored, in milliseconds. */
  readonly journeyLife: number;
  readonly meters: EventMeters;
  /** Counts signed deliveries, of all senders. */
  readonly rate: EventRate;
  /** Counts deliveries that no secret has signed. */
  readonly unknownCallers: UnknownCallers;
}

/** How much of an unknown event type is logged. */
const MAX_LOGGED_TYPE_LENGTH = 100;

const description = `Starts the journey of a user who has signed up. The request is signed as Standard Webhooks define; the headers
\`svix-id\`, \`svix-timestamp\` and \`svix-signature\` are accepted as well. The policy file sets which event types are sign-ups and
where the user id and the account type are found in the event. An event never changes an existing journey.`;

const reads = ['application/json', 'application/cloudevents+json'] as const;

const isReadable = (type = '') => reads.some((each) => type.toLowerCase().startsWith(each));

/** The route for sign-up events. It reads raw bodies, since the signature covers their bytes. */
export async function signupEventRoutes(app: App, options: EventOptions): Promise<void> {
  const { webhookSecrets, eventRules, userIds, rate, unknownCallers } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...reads], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post(
    '/v1/events',
    {
      config: { rateLimit: false, reads },
      // Refused before its body is read. Fastify refuses another media type by itself.
      onRequest: async (request) => {
        if (!isReadable(request.headers['content-type'])) return;
        if (readSignatureHeaders(request.headers) === undefined) throw unknownCallers.refuse(request, 'bad_signature');
      },
      schema: {
        operationId: 'signup',
        tags: ['sign-up'],
        summary: 'Receives a sign-up event.',
        description,
        security: [{ standardWebhooks: [] }],
        response: {
          202: { description: 'The event is stored durably.', content: { 'application/json': { schema: EventReply } } },
          ...problemResponses(
            'bad_request',
            'bad_signature',
            'too_large',
            'unsupported_media_type',
            'too_many_requests',
            'unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { body, headers } = request;
      const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      if (!isSigned(raw, headers, webhookSecrets)) throw unknownCallers.refuse(request, 'bad_signature');
      rate.count();
      const event = readEvent(raw, eventRules, userIds);
      reply.code(202);
      return { userId: event.userId, journey: await applyEvent(event, options) };
    },
  );
}

/** Starts the journey of a sign-up, and counts the outcome of the event. */
async function applyEvent(
  event: SignupEvent,
  { onward, eventRules, journeyLife, meters }: EventOptions,
): Promise<'started' | 'existing' | 'ignored'> {
  if (!event.isSignup) {
    const type = event.type.slice(0, MAX_LOGGED_TYPE_LENGTH);
    meters.countIgnored('other_type', { type, pointer: eventRules.type, types: eventRules.types });
    return 'ignored';
  }
  const { at } = event;
  if (at !== null && at < Date.now() - journeyLife) {
    meters.countIgnored('too_old', { at: new Date(at).toISOString(), journeyLifeSeconds: journeyLife / 1_000 });
    return 'ignored';
  }
  const journey = (await startsJourney(onward, event)) ? 'started' : 'existing';
  meters.count(journey);
  return journey;
}

async function startsJourney(
  onward: Onward,
  { userId, accountType, timeZone }: Extract<SignupEvent, { isSignup: true }>,
): Promise<boolean> {
  try {
    return (await onward.start(userId, { accountType, timeZone })).started;
  } catch (error) {
    // An event never changes an existing journey.
    if (error instanceof AccountTypeDiffers) return false;
    throw error;
  }
}
