import { ApplicationFailure } from '@temporalio/common';
import type { Channel } from '../../activities/contract.ts';
import { Silence } from '../../activities/failures.ts';
import { createHttp } from '../../activities/http.ts';
import { createActivities } from '../../activities/index.ts';
import { readSend } from '../../activities/read.ts';
import { closeLater } from './servers.ts';

export const apiKey = 'sk_live_4f9a1c77e2b80d3356aa90ce';
export const code = '918273';

export interface Asking {
  send(channel?: Channel, userId?: string): Promise<unknown>;
  confirm(channel?: Channel, userId?: string): Promise<unknown>;
  read(userId?: string): Promise<unknown>;
}

/**
 * The three calls as the workflow makes them, but for one thing: a send is asked and read without its activity, since
 * what it does about a silence needs a worker around it.
 */
export function asking(baseUrl: string, key = apiKey, timeout = 2_000): Asking {
  const http = createHttp(baseUrl, key);
  const { checks, ...provider } = createActivities({ baseUrl, apiKey: key });
  closeLater(() => http.close());
  closeLater(() => provider.close());
  return {
    async send(channel = 'email', userId = 'ada') {
      const path = `v1/enterprise/users/send-verification/${userId}`;
      return readSend(await http({ method: 'POST', path, json: { type: channel }, timeout }), channel);
    },
    confirm: (channel = 'email', userId = 'ada') => checks.confirmCode({ userId, channel, code, timeout }),
    read: (userId = 'ada') => checks.readUser({ userId, timeout }),
  };
}

/** What came of it in one word or two: the reply's `type`, or the silence's. */
export async function typeOf(asked: Promise<unknown>): Promise<unknown> {
  const came = await asked.catch((error: unknown) => error);
  if (came instanceof Silence || came instanceof ApplicationFailure) return came.type;
  if (came instanceof Error) throw came;
  return (came as { type: unknown }).type;
}

/** The error of what must fail. */
export async function errorOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    (came) => {
      throw new Error(`it did not fail: ${JSON.stringify(came)}`);
    },
    (error: unknown) => error,
  );
}
