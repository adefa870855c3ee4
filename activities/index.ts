import { Context } from '@temporalio/activity';
import type { CheckActivities, FailureType, SendActivities } from './contract.ts';
import { Silence } from './failures.ts';
import { createHttp } from './http.ts';
import { readConfirm, readRecord, readSend } from './read.ts';

export interface ProviderOptions {
  /** Where sFOX Connect is, such as `https://api.staging.sfox.com`. */
  readonly baseUrl: string;
  /** The enterprise key. */
  readonly apiKey: string;
}

export interface Provider {
  readonly sends: SendActivities;
  readonly checks: CheckActivities;
  /** Closes idle connections. */
  close(): void;
}

/** The activities that ask sFOX Connect. */
export function createActivities({ baseUrl, apiKey }: ProviderOptions): Provider {
  const http = createHttp(baseUrl, apiKey);
  const sends: SendActivities = {
    async sendCode({ userId, channel, timeout, retryFor }) {
      try {
        const path = userPath('users/send-verification', userId);
        return readSend(await http({ method: 'POST', path, json: { type: channel }, timeout }), channel);
      } catch (error) {
        throw sendFailure(error, retryFor);
      }
    },
  };
  const checks: CheckActivities = {
    async confirmCode({ userId, channel, code, timeout }) {
      try {
        const path = userPath('users/verify', userId);
        return readConfirm(await http({ method: 'POST', path, json: { type: channel, otp: code }, timeout }), channel);
      } catch (error) {
        throw failure(error, ['ProviderUnreached']);
      }
    },
    async readUser({ userId, timeout }) {
      try {
        return readRecord(await http({ method: 'GET', path: userPath('users', userId), timeout }));
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
