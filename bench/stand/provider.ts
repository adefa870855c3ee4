import { createHash } from 'node:crypto';
import type { Channel } from '../../activities/contract.ts';
import { startChild } from './child.ts';

/** The code that every user gets. */
export const CODE = '123456';

/** Of sends: that the channel is verified already. */
const VERIFIED_SHARE = 0.1;

/** Whether the provider has verified a channel before it is asked; for one user always the same. */
export function isVerified(userId: string, channel: Channel): boolean {
  const [byte = 0] = createHash('sha256').update(`${userId} ${channel}`).digest();
  return byte < VERIFIED_SHARE * 256;
}

/** A request that the provider has answered. */
export interface Asked {
  readonly userId: string;
  readonly call: 'send' | 'confirm';
  readonly channel: Channel;
  /** It answered 422. */
  readonly verified: boolean;
  /** When the request came, in milliseconds since 1970, with their fractions. */
  readonly at: number;
}

export interface Provider {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Hears of each request once it is answered; gives what ends that. */
  hear(listener: (asked: Asked) => void): () => void;
  close(): Promise<void>;
}

/**
 * Starts a provider in a process of its own, which costs those who ask it as little as can be.
 *
 * @param wait how long each answer takes it, in milliseconds
 * @param varies whether that is the mean of half as long to half as long again
 */
export async function startProvider(wait = 20, varies = false): Promise<Provider> {
  const child = await startChild(new URL('provider-process.js', import.meta.url), { wait, varies });
  const listeners = new Set<(asked: Asked) => void>();
  child.hear((told) => {
    for (const listener of listeners) listener(told as Asked);
  });
  return {
    baseUrl: `http://127.0.0.1:${await child.ask<number>('port')}`,
    apiKey: 'bench',
    hear: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => child.end(),
  };
}
