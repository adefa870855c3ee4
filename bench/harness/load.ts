import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import { CODE } from './provider.ts';
import type { ProviderRequest, Provider } from './provider.ts';

/** A system under test that verifies users. */
export interface System {
  start(userId: string): Promise<unknown>;
  /** Submits a code, and resolves when it was checked. */
  submit(userId: string, channel: Channel, code: string): Promise<unknown>;
}

export interface Load {
  readonly system: System;
  readonly provider: Provider;
  readonly journeys: number;
  /** The number of concurrent users. */
  readonly parallel: number;
  /** Milliseconds that a user takes to type a code. */
  readonly typingMs?: number;
}

/** Longer than every compared system takes to record the reply to a send, so that no code arrives before that. */
const TYPING_MS = 300;
const CODE_TIMEOUT_MS = 60_000;

/**
 * Completes journeys of users who enter two codes each, as fast as the system allows.
 *
 * @returns the total time in milliseconds
 */
export async function runJourneys({
  system,
  provider,
  journeys,
  parallel,
  typingMs: typing = TYPING_MS,
}: Load): Promise<number> {
  const mail = createMailbox(provider);
  const startedAt = performance.now();
  let left = journeys;
  const runUser = async () => {
    while (left > 0) {
      left -= 1;
      await completeJourney(system, mail, typing);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, runUser));
    return performance.now() - startedAt;
  } finally {
    mail.close();
  }
}

async function completeJourney(system: System, mail: Mailbox, typing: number): Promise<void> {
  const userId = randomUUID();
  const first = mail.sent(userId, 'email');
  const texted = mail.sent(userId, 'sms');
  await system.start(userId);
  for (const [channel, send] of [
    ['email', first],
    ['sms', texted],
  ] as const) {
    if ((await send).verified) continue;
    await pause(typing);
    await system.submit(userId, channel, CODE);
  }
}

interface Mailbox {
  /** Resolves when the provider has answered the send to this user and channel. */
  sent(userId: string, channel: Channel): Promise<ProviderRequest>;
  close(): void;
}

function createMailbox(provider: Provider): Mailbox {
  const waiting = new Map<string, (request: ProviderRequest) => void>();
  const close = provider.onRequest((request) => {
    if (request.call !== 'send') return;
    const key = `${request.userId} ${request.channel}`;
    waiting.get(key)?.(request);
    waiting.delete(key);
  });
  const sent = (userId: string, channel: Channel) =>
    new Promise<ProviderRequest>((done, fail) => {
      const timer = setTimeout(() => {
        fail(new Error(`${userId} received no ${channel} code within ${CODE_TIMEOUT_MS} ms`));
      }, CODE_TIMEOUT_MS);
      waiting.set(`${userId} ${channel}`, (request) => {
        clearTimeout(timer);
        done(request);
      });
    });
  return { sent, close };
}
