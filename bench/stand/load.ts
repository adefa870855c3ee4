import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import { CODE } from './provider.ts';
import type { Asked, Provider } from './provider.ts';

/** What brings users to verified, however it does. */
export interface System {
  start(userId: string): Promise<unknown>;
  /** Resolves once the code was judged. */
  submit(userId: string, channel: Channel, code: string): Promise<unknown>;
}

export interface Load {
  readonly system: System;
  readonly provider: Provider;
  readonly journeys: number;
  /** How many are on their way at a time. */
  readonly parallel: number;
  /** How long a user takes to type a code, in milliseconds. */
  readonly typing?: number;
}

/** Longer than what is compared takes to note that a send was answered, so that no code has to wait for that. */
const TYPING = 300;
const LONGEST = 60_000;

/**
 * Brings users to verified by two codes each, as fast as the system lets it.
 *
 * @returns how long that took, in milliseconds
 */
export async function drive({ system, provider, journeys, parallel, typing = TYPING }: Load): Promise<number> {
  const mail = mailbox(provider);
  const began = performance.now();
  let left = journeys;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await journey(system, mail, typing);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, one));
    return performance.now() - began;
  } finally {
    mail.close();
  }
}

async function journey(system: System, mail: Mailbox, typing: number): Promise<void> {
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
  /** The send to a user on a channel, once the provider has answered it. */
  sent(userId: string, channel: Channel): Promise<Asked>;
  close(): void;
}

function mailbox(provider: Provider): Mailbox {
  const waiting = new Map<string, (asked: Asked) => void>();
  const close = provider.hear((asked) => {
    if (asked.call !== 'send') return;
    const key = `${asked.userId} ${asked.channel}`;
    waiting.get(key)?.(asked);
    waiting.delete(key);
  });
  const sent = (userId: string, channel: Channel) =>
    new Promise<Asked>((done, fail) => {
      const late = setTimeout(() => fail(new Error(`${userId} has waited in vain for a code by ${channel}`)), LONGEST);
      waiting.set(`${userId} ${channel}`, (asked) => {
        clearTimeout(late);
        done(asked);
      });
    });
  return { sent, close };
}
