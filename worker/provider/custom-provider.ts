import { z } from 'zod';
import type {
  Channel,
  ConfirmReply,
  ListedUser,
  ProviderFailureType,
  ProviderAttempt,
  ReplyKind,
  SendReply,
  UserRecord,
} from '../../activities/contract.ts';
import type { VerificationProvider } from '../../activities/verification-provider.ts';
import { withDeadline } from '../../activities/deadline.ts';
import { ProviderError } from '../../activities/provider-error.ts';
import { toCheckFailure, toSendFailure } from '../../activities/failures.ts';
import type { Provider } from '../../activities/sfox/provider-activities.ts';
import { cleanProviderRecord } from '../../activities/provider-record.ts';
import { maskAddress, sanitize } from '../../activities/redact.ts';
import { forEachChannel } from '../../workflows/journey/channels.ts';

/** How each failure is counted. */
const failureKinds: { readonly [T in ProviderFailureType]: ReplyKind } = {
  ProviderUnreached: 'unreached',
  ProviderOutOfService: '5xx',
  ProviderUnknownUser: '4xx',
  ProviderRateLimited: '429',
  ProviderCredentials: '401',
  ProviderOutcomeUnknown: 'unknown',
  ProviderRefused: '4xx',
};

const MAX_RETRY_AFTER_MS = 3_600_000;
/** Our deadline is later than the provider's own timeouts, which know what happened. */
const DEADLINE_GRACE_MS = 500;

// The provider's code is not ours, so its types promise nothing. Fields beyond these are dropped.
const SendReplySchema: z.ZodType<SendReply> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sent'), to: z.string().nullable() }),
  z.object({ type: z.literal('alreadyVerified') }),
  z.object({ type: z.literal('refused'), detail: z.string() }),
]);
const ConfirmReplySchema: z.ZodType<ConfirmReply> = z.object({ type: z.enum(['right', 'alreadyVerified', 'wrong']) });
const requirement = z.enum(['open', 'verified']).nullable();
const UserRecordSchema: z.ZodType<UserRecord> = z.object({
  ...forEachChannel(() => requirement),
  provider: z
    .object({ status: z.string().nullable(), isSupported: z.boolean(), open: z.array(z.string()) })
    .transform(cleanProviderRecord)
    .exactOptional(),
});
const ListedUserSchema: z.ZodType<ListedUser> = z.object({
  userId: z.string(),
  accountType: z.enum(['individual', 'business']).nullable(),
  standing: z.enum(['pending', 'partlyVerified', 'verified', 'unsupported']).nullable(),
  registeredAt: z.number().nullable(),
});
const FailureSchema = z.object({
  type: z.enum(Object.keys(failureKinds) as [ProviderFailureType, ...ProviderFailureType[]]),
  message: z.string(),
  retryAfter: z.number().min(0).max(MAX_RETRY_AFTER_MS).nullable().catch(null),
});

interface Call<T> {
  readonly attempt: Pick<ProviderAttempt, 'call' | 'channel'>;
  readonly userId: string;
  readonly timeout: number;
  readonly schema: z.ZodType<T>;
  readonly start: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * Creates the activities of a provider that was given in code. They limit its time, parse its replies and failures, mask recipients
 * and remove addresses and numbers from its texts.
 */
export function createCustomProvider(
  provider: VerificationProvider,
  onAttempt: (attempt: ProviderAttempt, userId?: string) => void,
): Provider {
  const callProvider = async <T extends object>(call: Call<T>): Promise<T> => {
    const begun = performance.now();
    const count = (reply: ReplyKind) =>
      onAttempt({ ...call.attempt, reply, duration: performance.now() - begun }, call.userId);
    try {
      const late = () => new ProviderError('ProviderOutcomeUnknown', 'no reply in time');
      const given = await withDeadline(call.timeout + DEADLINE_GRACE_MS, late, call.start);
      const parsed = call.schema.safeParse(given);
      if (!parsed.success) throw new ProviderError('ProviderOutcomeUnknown', 'the provider returned an invalid reply');
      count(replyKindOf(parsed.data));
      return parsed.data;
    } catch (error) {
      const { type, message, retryAfter } = parseFailure(error);
      count(failureKinds[type]);
      throw new ProviderError(type, message, retryAfter);
    }
  };
  const attempt = (call: ProviderAttempt['call'], channel: Channel | 'none') => ({ call, channel });
  return {
    sends: {
      async sendCode(request) {
        const { userId, timeout, channel } = request;
        const start = (signal: AbortSignal) => provider.sendCode(request, signal);
        try {
          const schema = SendReplySchema;
          return clean(await callProvider({ attempt: attempt('send', channel), userId, timeout, schema, start }));
        } catch (error) {
          throw toSendFailure(error, request);
        }
      },
    },
    checks: {
      async confirmCode(request) {
        const { userId, timeout, channel } = request;
        const [start, schema] = [(signal: AbortSignal) => provider.confirmCode(request, signal), ConfirmReplySchema];
        try {
          return await callProvider({ attempt: attempt('confirm', channel), userId, timeout, schema, start });
        } catch (error) {
          throw toCheckFailure(error, ['ProviderUnreached']);
        }
      },
      async readUser(request) {
        const { userId, timeout } = request;
        const start = (signal: AbortSignal) => provider.readUser(request, signal);
        try {
          const schema = UserRecordSchema;
          return await callProvider({ attempt: attempt('read', 'none'), userId, timeout, schema, start });
        } catch (error) {
          throw toCheckFailure(error, ['ProviderUnreached', 'ProviderOutOfService', 'ProviderOutcomeUnknown']);
        }
      },
    },
    directory: createDirectory(provider, onAttempt),
    close: () => provider.close?.(),
  };
}

function createDirectory(
  provider: VerificationProvider,
  onAttempt: (attempt: ProviderAttempt) => void,
): Provider['directory'] {
  return {
    async listUsers(onUser, signal) {
      const count = (reply: ReplyKind) => onAttempt({ call: 'list', channel: 'none', reply });
      try {
        let unknown = 0;
        for await (const given of provider.listUsers?.(signal) ?? refuseList()) {
          const user = ListedUserSchema.safeParse(given).data ?? null;
          if (user === null) unknown += 1;
          onUser(user);
        }
        count(unknown > 0 ? 'unknown_record' : '2xx');
      } catch (error) {
        const known = parseFailure(error);
        count(failureKinds[known.type]);
        throw toCheckFailure(new ProviderError(known.type, known.message, known.retryAfter), [
          'ProviderUnreached',
          'ProviderOutOfService',
          'ProviderOutcomeUnknown',
        ]);
      }
    },
  };
}

function refuseList(): never {
  throw new ProviderError('ProviderRefused', 'the provider has no list of users');
}

/** Recognizes failures by their shape, since the provider may have another copy of our class, or none. */
function parseFailure(error: unknown): z.infer<typeof FailureSchema> {
  const { data } = FailureSchema.safeParse(error);
  if (data !== undefined) return { ...data, message: sanitize(data.message) };
  return { type: 'ProviderOutcomeUnknown', message: 'an error of the provider’s code', retryAfter: null };
}

function clean(reply: SendReply): SendReply {
  if (reply.type === 'refused') return { type: 'refused', detail: sanitize(reply.detail) };
  if (reply.type === 'sent' && reply.to !== null) return { type: 'sent', to: maskAddress(reply.to) };
  return reply;
}

function replyKindOf(reply: object): ReplyKind {
  const type = 'type' in reply ? reply.type : undefined;
  if (type === 'alreadyVerified') return 'already_verified';
  return type === 'refused' ? '4xx' : '2xx';
}
