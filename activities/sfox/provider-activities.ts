import type { CheckActivities, ProviderAttempt, ReplyKind, SendActivities } from '../contract.ts';
import type { UserDirectory } from '../user-directory.ts';
import { toCheckFailure, toSendFailure } from '../failures.ts';
import { ProviderError } from '../provider-error.ts';
import { createHttpClient, parse, readText } from './http-client.ts';
import type { Call, HttpClient, Reply } from './http-client.ts';
import { classifyReply, classifyError, classifyListError } from './attempt-outcome.ts';
import { parseConfirmReply, parseUserRecord, parseSendReply, providerError } from './parse-reply.ts';
import { parseUserList } from './parse-user-list.ts';

export interface ProviderOptions {
  /** The base URL of sFOX Connect, such as `https://api.staging.sfox.com`. */
  readonly baseUrl: string;
  /** The enterprise key. */
  readonly apiKey: string;
  /** Called after each request with its result and its user, if it is about one. */
  readonly onAttempt?: (attempt: ProviderAttempt, userId?: string) => void;
}

export interface Provider {
  readonly sends: SendActivities;
  readonly checks: CheckActivities;
  readonly directory: UserDirectory;
  /** Closes idle connections. */
  close(): void;
}

/** Creates the activities that call sFOX Connect. */
export function createProviderActivities({ baseUrl, apiKey, onAttempt = () => {} }: ProviderOptions): Provider {
  const http = createHttpClient(baseUrl, apiKey);
  const callProvider = async (
    userId: string,
    attempt: Pick<ProviderAttempt, 'call' | 'channel'>,
    call: Call,
  ): Promise<Reply> => {
    const startedAt = performance.now();
    const count = (reply: ReplyKind) =>
      onAttempt({ ...attempt, reply, duration: performance.now() - startedAt }, userId);
    try {
      const reply = await http(call);
      count(classifyReply(reply, attempt.channel));
      return reply;
    } catch (error) {
      count(classifyError(error));
      throw error;
    }
  };
  const sends: SendActivities = {
    async sendCode({ userId, channel, timeout, retryFor, unknownUserFor }) {
      try {
        const path = userPath('users/send-verification', userId);
        const about = { userId, channel };
        const call: Call = { method: 'POST', path, json: { type: channel }, timeout, about };
        return parseSendReply(await callProvider(userId, { call: 'send', channel }, call), channel);
      } catch (error) {
        throw toSendFailure(error, { retryFor, unknownUserFor });
      }
    },
  };
  const checks: CheckActivities = {
    async confirmCode({ userId, channel, code, timeout }) {
      try {
        const path = userPath('users/verify', userId);
        const about = { userId, channel };
        const call: Call = { method: 'POST', path, json: { type: channel, otp: code }, timeout, about };
        return parseConfirmReply(await callProvider(userId, { call: 'confirm', channel }, call), channel);
      } catch (error) {
        throw toCheckFailure(error, ['ProviderUnreached']);
      }
    },
    async readUser({ userId, timeout }) {
      try {
        const about = { userId, channel: null };
        const call: Call = { method: 'GET', path: userPath('users', userId), timeout, about };
        return parseUserRecord(await callProvider(userId, { call: 'read', channel: 'none' }, call));
      } catch (error) {
        throw toCheckFailure(error, ['ProviderUnreached', 'ProviderOutOfService', 'ProviderOutcomeUnknown']);
      }
    },
  };
  return { sends, checks, directory: createDirectory(http, onAttempt), close: () => http.close() };
}

function createDirectory(http: HttpClient, onAttempt: (attempt: ProviderAttempt) => void): UserDirectory {
  return {
    async listUsers(onUser, signal) {
      const attempt = { call: 'list', channel: 'none' } as const;
      try {
        const reply = await http.stream('v1/enterprise/users', signal);
        if (reply.status !== 200) throw providerError({ ...reply, body: parse(await readText(reply)) });
        const unknown = await parseUserList(reply.body, onUser);
        onAttempt({ ...attempt, reply: unknown > 0 ? 'unknown_record' : '2xx' });
      } catch (error) {
        onAttempt({ ...attempt, reply: classifyListError(error) });
        throw toCheckFailure(error, LIST_RETRIES);
      }
    },
  };
}

/** After these failures, the list is read again from its beginning: reading it changes nothing. */
const LIST_RETRIES = [
  'ProviderUnreached',
  'ProviderOutOfService',
  'ProviderOutcomeUnknown',
  'ProviderRateLimited',
] as const;

function userPath(call: string, userId: string): string {
  // As URL path segments, these would resolve to another path.
  if (['', '.', '..'].includes(userId)) throw new ProviderError('ProviderRefused', 'no such user id');
  return `v1/enterprise/${call}/${encodeURIComponent(userId)}`;
}
