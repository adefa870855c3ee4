import { setTimeout as pause } from 'node:timers/promises';
import { once } from 'node:events';
import type { Channel } from '../../activities/contract.ts';
import type { ProviderRequest, Provider } from '../harness/provider.ts';
import { CODE } from '../harness/provider.ts';
import type { Rival } from './rival.ts';
import { unverifiedUserIds } from '../twin/idle.ts';

/** The effect of a crash on journeys in progress. */
export interface CrashResult {
  readonly users: number;
  /** Journeys that did not complete although their users retried. */
  readonly lost: number;
  /** Codes that were sent again without a request of the user. */
  readonly sentTwice: number;
  /** Users who received no code and requested another. */
  readonly askedAgain: number;
  /** Seconds from the crash until the last journey completed. */
  readonly took: number;
}

export interface CrashOptions {
  /** The number of users. */
  readonly count: number;
  /** Seconds after which an incomplete journey is lost. */
  readonly seconds: number;
  /** Seconds after the crash in which sends are counted: an engine may run a task again late. */
  readonly listened: number;
  /** Called when all journeys completed or are lost. After that, sends are only counted. */
  readonly onFinished: () => void;
}

/** The crash happens after so many sends, while most of the others are in flight. */
const SENDS_BEFORE_CRASH = 5;
const RETRY_INTERVAL_MS = 250;
/** A user requests another code after this many checks without one. */
const CHECKS_BEFORE_RESEND = 8;
const POLL_INTERVAL_MS = 500;

/**
 * Signs all users up at once, crashes the product during the first sends, starts it again, and lets each user retry until every
 * request is answered.
 */
export async function crashDuringSends(
  rival: Rival,
  provider: Provider,
  { count, seconds, listened, onFinished }: CrashOptions,
): Promise<CrashResult> {
  const sends = new Map<string, ProviderRequest[]>();
  let answered = 0;
  const crashNow = new AbortController();
  const stop = provider.onRequest((request) => {
    if (request.call !== 'send') return;
    const key = `${request.userId} ${request.channel}`;
    sends.set(key, [...(sends.get(key) ?? []), request]);
    if (++answered === SENDS_BEFORE_CRASH) crashNow.abort();
  });
  const users = unverifiedUserIds(count);
  let deadline = Infinity;
  const inTime = () => performance.now() < deadline;
  const ends: number[] = [];
  const requestedAgain = new Set<string>();
  // Rejected while the first send may still succeed.
  const requestCode = async (userId: string, channel: Channel) => {
    await rival.resend?.(userId, channel).then(
      () => requestedAgain.add(userId),
      () => {},
    );
  };
  const all = users.map(async (userId) => {
    await retryUntil(() => rival.system.start(userId), inTime);
    for (const channel of ['email', 'sms'] as const) {
      const firstSend = () => sends.get(`${userId} ${channel}`)?.[0];
      for (let nth = 1; firstSend() === undefined && inTime(); nth += 1) {
        await pause(RETRY_INTERVAL_MS);
        if (nth % CHECKS_BEFORE_RESEND === 0 && deadline < Infinity) await requestCode(userId, channel);
      }
      if (firstSend()?.verified === false) await retryUntil(() => rival.system.submit(userId, channel, CODE), inTime);
    }
    for (; inTime(); await pause(POLL_INTERVAL_MS)) {
      if (await rival.isDone(userId).catch(() => false)) return void ends.push(performance.now());
    }
  });
  await once(crashNow.signal, 'abort');
  const killed = performance.now();
  deadline = killed + seconds * 1_000;
  await Promise.all([rival.crash(), ...all]);
  onFinished();
  await pause(killed + listened * 1_000 - performance.now());
  stop();
  const unrequested = [...sends].filter(([key]) => !requestedAgain.has(key.split(' ')[0] ?? ''));
  const sentTwice = unrequested.reduce((all, [, { length }]) => all + length - 1, 0);
  return {
    users: count,
    lost: count - ends.length,
    sentTwice,
    askedAgain: requestedAgain.size,
    took: (Math.max(killed, ...ends) - killed) / 1_000,
  };
}

/** Retries a call until it succeeds or the time is up. */
async function retryUntil(call: () => Promise<unknown>, inTime: () => boolean): Promise<void> {
  while (inTime()) {
    try {
      return void (await call());
    } catch {
      await pause(RETRY_INTERVAL_MS);
    }
  }
}
