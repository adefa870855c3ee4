import { Context } from '@temporalio/activity';
import type { CheckActivities, FailureType, SendActivities } from './contract.ts';
import { Silence } from './failures.ts';
import { createHttp } from './http.ts';
import type { Call, Reply } from './http.ts';
import { kindOf, kindOfSilence } from './kind.ts';
import type { Tried } from './kind.ts';
import { readConfirm, readRecord, readSend } from './read.ts';

export interface ProviderOptions {
  /** Where sFOX Connect is, such as `https://api.staging.sfox.com`. */
  readonly baseUrl: string;
  /** The enterprise key. */
  readonly apiKey: string;
  /** Told of every try, once its reply is there. */
  readonly onTried?: (tried: Tried) => void;
}

export interface Provider {
  readonly sends: SendActivities;
  readonly checks: CheckActivities;
  /** Closes idle connections. */
  close(): void;
}

/** The activities that ask sFOX Connect. */
export function createActivities({ baseUrl, apiKey, onTried = () => {} }: ProviderOptions): Provider {
  const http = createHttp(baseUrl, apiKey);
  const ask = async (what: Pick<Tried, 'call' | 'channel'>, call: Call): Promise<Reply> => {
    try {
      const reply = await http(call);
      onTried({ ...what, reply: kindOf(reply, what.channel) });
      return reply;
    } catch (error) {
      onTried({ ...what, reply: kindOfSilence(error) });
      throw error;
    }
  };
  const sends: SendActivities = {
    async sendCode({ userId, channel, timeout, retryFor }) {
      try {
        const path = userPath('users/send-verification', userId);
        const call: Call = { method: 'POST', path, json: { type: channel }, timeout };
        return readSend(await ask({ call: 'send', channel }, call), channel);
      } catch (error) {
        throw sendFailure(error, retryFor);
      }
    },
  };
  const checks: CheckActivities = {
    async confirmCode({ userId, channel, code, timeout }) {
      try {
        const path = userPath('users/verify', userId);
        const call: Call = { method: 'POST', path, json: { type: channel, otp: code }, timeout };
        return readConfirm(await ask({ call: 'confirm', channel }, call), channel);
      } catch (error) {
        throw failure(error, ['ProviderUnreached']);
      }
    },
    async readUser({ userId, timeout }) {
      try {
        const call: Call = { method: 'GET', path: userPath('users', userId), timeout };
        return readRecord(await ask({ call: 'read', channel: 'none' }, call));
      } catch (error) {
        throw failure(error, ['ProviderUnreached', 'ProviderOutcomeUnknown']);
      }
    },
  };
  return { sends, checks, close: () => http.close() };
}

function userPath(call: string, userId: string): string {
  // A path would swallow these, and the enterprise key would ask for something else.
  if (['', '.', '..'].includes(userId)) throw new Silence('ProviderRefused', 'no such user id');
  return `v1/enterprise/${call}/${encodeURIComponent(userId)}`;
}

/** What no reply or rule accounts for is unknown, and nothing of it is passed on. */
function silenceOf(error: unknown): Silence {
  return error instanceof Silence ? error : new Silence('ProviderOutcomeUnknown', 'a fault of our own');
}

function failure(error: unknown, again: readonly FailureType[]) {
  const silence = silenceOf(error);
  return silence.toFailure({ again: again.includes(silence.type) });
}

const SECOND = 1_000;
const LONGEST_BACKOFF = 30 * SECOND;

/** Tries again what never reached the provider, after 1, 2, 4 … at most 30 s, and what is to wait when it says so, until the time for it is used up. */
function sendFailure(error: unknown, retryFor: number) {
  const silence = silenceOf(error);
  const delay = sendDelay(silence);
  if (delay === undefined) return silence.toFailure({ again: false });
  const context = Context.current();
  // The time counts from the first try, not from the queue; a heartbeat carries it from try to try.
  const firstTriedAt = typeof context.info.heartbeatDetails === 'number' ? context.info.heartbeatDetails : Date.now();
  context.heartbeat(firstTriedAt);
  return silence.toFailure({ again: Date.now() + delay - firstTriedAt <= retryFor, delay });
}

function sendDelay({ type, retryAfter }: Silence): number | undefined {
  if (type === 'ProviderRateLimited') return retryAfter ?? undefined;
  if (type !== 'ProviderUnreached') return undefined;
  return Math.min(2 ** (Context.current().info.attempt - 1) * SECOND, LONGEST_BACKOFF);
}
