import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';
import { pathOf } from '../stand/gateway.ts';
import type { Gateway } from '../stand/gateway.ts';
import { someone } from '../stand/lone.ts';
import { CODE } from '../stand/provider.ts';
import type { Asked, Provider } from '../stand/provider.ts';

export const doors = ['signUp', 'code', 'status', 'longPoll'] as const;
export type Door = (typeof doors)[number];
/** How long each took its caller, in milliseconds. */
export type Visits = { readonly [D in Door]: Times };

export interface Open {
  readonly gateway: Gateway;
  readonly provider: Provider;
  /** Sign-ups a second, which come whether or not the ones before are through. */
  readonly perSecond: number;
  readonly seconds: number;
}

const TYPING = 500;
const now = () => performance.timeOrigin + performance.now();

/** Lets users come at a pace, each of them through all the doors. */
export async function visits({ gateway, provider, perSecond, seconds }: Open): Promise<Visits> {
  const took: { readonly [D in Door]: number[] } = { signUp: [], code: [], status: [], longPoll: [] };
  const arrivals = new Map<string, (asked: Asked) => void>();
  const stop = provider.hear((asked) => {
    if (asked.call === 'send') arrivals.get(`${asked.userId} ${asked.channel}`)?.(asked);
  });
  const sent = (userId: string, channel: Channel) =>
    new Promise<Asked>((done) => arrivals.set(`${userId} ${channel}`, done));
  const timed = async <T>(door: Door, visit: () => Promise<T>): Promise<T> => {
    const began = now();
    const answer = await visit();
    took[door].push(now() - began);
    return answer;
  };
  const come = async (userId: string) => {
    const [arrived, texted] = [sent(userId, 'email'), sent(userId, 'sms')];
    const began = now();
    await gateway.call('POST', pathOf(userId), { accountType: 'individual' });
    took.signUp.push((await arrived).at - began);
    await pause(TYPING);
    const { revision } = await timed('status', () => gateway.call('GET', pathOf(userId)));
    const news = gateway.call('GET', pathOf(userId, `?after=${revision}&wait=30`));
    await pause(TYPING);
    const told = now();
    const woken = news.then(() => took.longPoll.push(now() - told));
    await timed('code', () => gateway.call('POST', pathOf(userId, '/code'), { channel: 'email', code: CODE }));
    await woken;
    // On to the end, so that each visitor costs a whole journey.
    if ((await texted).verified) return;
    await pause(TYPING);
    await gateway.call('POST', pathOf(userId, '/code'), { channel: 'sms', code: CODE });
  };
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let nth = 0; nth < perSecond * seconds; nth += 1) {
    await pause(Math.max(0, began + (nth * 1_000) / perSecond - performance.now()));
    all.push(come(someone()));
  }
  await Promise.all(all);
  stop();
  return Object.fromEntries(doors.map((door) => [door, times(took[door])])) as Record<Door, Times>;
}
