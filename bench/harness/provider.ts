import { createHash } from 'node:crypto';
import type { Channel } from '../../activities/contract.ts';
import { startChild } from './child.ts';

/** The code that every user receives. */
export const CODE = '123456';

/** The share of channels that are already verified. */
const VERIFIED_SHARE = 0.1;

/** Returns whether a channel is verified before the sign-up; always the same for a user. */
export function isVerified(userId: string, channel: Channel): boolean {
  const [byte = 0] = createHash('sha256').update(`${userId} ${channel}`).digest();
  return byte < VERIFIED_SHARE * 256;
}

/** A request that the provider has answered. */
export interface ProviderRequest {
  readonly userId: string;
  readonly call: 'send' | 'confirm';
  readonly channel: Channel;
  /** Whether it replied 422. */
  readonly verified: boolean;
  /** When the request arrived, in fractional milliseconds since 1970. */
  readonly at: number;
}

export interface Provider {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Calls the listener after each reply. Returns a function that unsubscribes it. */
  onRequest(listener: (request: ProviderRequest) => void): () => void;
  close(): Promise<void>;
}

/**
 * Starts a provider in a separate process, which uses as little CPU as possible.
 *
 * @param wait milliseconds that each reply takes
 * @param varies whether the time varies evenly between 50 % and 150 % of `wait`
 */
export async function startProvider(wait = 20, varies = false): Promise<Provider> {
  const child = await startChild(new URL('provider-process.js', import.meta.url), { wait, varies });
  const listeners = new Set<(request: ProviderRequest) => void>();
  child.onMessage((message) => {
    for (const listener of listeners) listener(message as ProviderRequest);
  });
  return {
    baseUrl: `http://127.0.0.1:${await child.request<number>('port')}`,
    apiKey: 'bench',
    onRequest: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => child.end(),
  };
}
