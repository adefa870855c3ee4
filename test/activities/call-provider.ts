import { ApplicationFailure } from '@temporalio/common';
import type { Channel } from '../../activities/contract.ts';
import { ProviderError } from '../../activities/provider-error.ts';
import { createHttpClient } from '../../activities/sfox/http-client.ts';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import { parseSendReply } from '../../activities/sfox/parse-reply.ts';
import { closeLater } from './servers.ts';

export const apiKey = 'sk_live_4f9a1c77e2b80d3356aa90ce';
export const code = '918273';

export interface ProviderCalls {
  send(channel?: Channel, userId?: string): Promise<unknown>;
  confirm(channel?: Channel, userId?: string): Promise<unknown>;
  read(userId?: string): Promise<unknown>;
}

/**
 * The three calls as the workflow makes them, except that `send` does not run as an activity: the activity's retries need a worker.
 */
export function createProviderCalls(baseUrl: string, key = apiKey, timeout = 2_000): ProviderCalls {
  const http = createHttpClient(baseUrl, key);
  const { checks, ...provider } = createProviderActivities({ baseUrl, apiKey: key });
  closeLater(() => http.close());
  closeLater(() => provider.close());
  return {
    async send(channel = 'email', userId = 'ada') {
      const path = `v1/enterprise/users/send-verification/${userId}`;
      const about = { userId, channel };
      return parseSendReply(await http({ method: 'POST', path, json: { type: channel }, timeout, about }), channel);
    },
    confirm: (channel = 'email', userId = 'ada') =>
      checks.confirmCode({ userId, provider: null, channel, code, timeout }),
    read: (userId = 'ada') => checks.readUser({ userId, provider: null, timeout }),
  };
}

/** Returns the `type` of the reply, or of the error. */
export async function typeOfOutcome(call: Promise<unknown>): Promise<unknown> {
  const result = await call.catch((error: unknown) => error);
  if (result instanceof ProviderError || result instanceof ApplicationFailure) return result.type;
  if (result instanceof Error) throw result;
  return (result as { type: unknown }).type;
}

/** Returns the rejection of a promise. Throws if the promise resolves. */
export async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (result) => {
      throw new Error(`it did not fail: ${JSON.stringify(result)}`);
    },
    (error: unknown) => error,
  );
}
