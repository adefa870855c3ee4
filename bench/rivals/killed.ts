import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import type { Asked, Provider } from '../stand/provider.ts';
import { CODE } from '../stand/provider.ts';
import type { Rival } from './rival.ts';
import { someUsers } from '../twin/idle.ts';

/** What came of users who were on their way when everything was killed. */
export interface Killed {
  readonly users: number;
  /** Journeys that have not ended, though their users tried again and again. */
  readonly lost: number;
  /** Codes that a user got once more without having asked for it. */
  readonly sentTwice: number;
  /** Users who got no code, were told so, and asked for it anew. */
  readonly askedAnew: number;
  /** Seconds from the kill until the last one that ended. */
  readonly took: number;
}

export interface Killing {
  /** How many users there are. */
  readonly count: number;
  /** After which who is not through is lost. */
  readonly seconds: number;
  /** Seconds from the kill on in which sends are counted: an engine may take its time before it does something again. */
  readonly listened: number;
  /** Called once all are through; from then on there is only listening. */
  readonly through: () => void;
}

/** Answered when everything dies: most of the others are just being asked for. */
const ANSWERED = 5;
const AGAIN = 250;
/** Whoever has waited so often presses the button that asks for the code anew. */
const PRESSES = 8;
const LOOK_EVERY = 500;

/**
 * Lets users come all at once, kills everything when their first codes are being sent, starts it again, and has each user
 * try on until all is answered.
 */
export async function killInTheMiddle(
  rival: Rival,
  provider: Provider,
  { count, seconds, listened, through }: Killing,
): Promise<Killed> {
  const sends = new Map<string, Asked[]>();
  let answered = 0;
  let dead: (() => void) | undefined;
  const dies = new Promise<void>((done) => (dead = done));
  const stop = provider.hear((asked) => {
    if (asked.call !== 'send') return;
    const key = `${asked.userId} ${asked.channel}`;
    sends.set(key, [...(sends.get(key) ?? []), asked]);
    if (++answered === ANSWERED) dead?.();
  });
  const users = someUsers(count);
  let deadline = Infinity;
  const inTime = () => performance.now() < deadline;
  const ends: number[] = [];
  const anew = new Set<string>();
  // Refused as long as a code may yet come.
  const press = async (userId: string, channel: Channel) => {
    await rival.resend?.(userId, channel).then(
      () => anew.add(userId),
      () => {},
    );
  };
  const all = users.map(async (userId) => {
    await insist(() => rival.system.start(userId), inTime);
    for (const channel of ['email', 'sms'] as const) {
      const got = () => sends.get(`${userId} ${channel}`)?.[0];
      for (let nth = 1; got() === undefined && inTime(); nth += 1) {
        await pause(AGAIN);
        if (nth % PRESSES === 0 && deadline < Infinity) await press(userId, channel);
      }
      if (got()?.verified === false) await insist(() => rival.system.submit(userId, channel, CODE), inTime);
    }
    for (; inTime(); await pause(LOOK_EVERY)) {
      if (await rival.isDone(userId).catch(() => false)) return void ends.push(performance.now());
    }
  });
  await dies;
  const killed = performance.now();
  deadline = killed + seconds * 1_000;
  await Promise.all([rival.die(), ...all]);
  through();
  await pause(killed + listened * 1_000 - performance.now());
  stop();
  const unasked = [...sends].filter(([key]) => !anew.has(key.split(' ')[0] ?? ''));
  const sentTwice = unasked.reduce((all, [, { length }]) => all + length - 1, 0);
  return {
    users: count,
    lost: count - ends.length,
    sentTwice,
    askedAnew: anew.size,
    took: (Math.max(killed, ...ends) - killed) / 1_000,
  };
}

/** Tries again and again, as a person does whose page says that something went wrong. */
async function insist(call: () => Promise<unknown>, inTime: () => boolean): Promise<void> {
  while (inTime()) {
    try {
      return void (await call());
    } catch {
      await pause(AGAIN);
    }
  }
}
