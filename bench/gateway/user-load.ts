import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import { percentilesOf } from '../harness/numbers.ts';
import type { Times } from '../harness/numbers.ts';
import { pathOf } from '../harness/gateway.ts';
import type { Gateway } from '../harness/gateway.ts';
import { unverifiedUserId } from '../harness/single-starts.ts';
import { CODE } from '../harness/provider.ts';
import type { ProviderRequest, Provider } from '../harness/provider.ts';

export const endpoints = ['signUp', 'code', 'status', 'longPoll'] as const;
export type Endpoint = (typeof endpoints)[number];
/** Response times by endpoint, in milliseconds. */
export type ResponseTimes = { readonly [E in Endpoint]: Times };

export interface UserLoadOptions {
  readonly gateway: Gateway;
  readonly provider: Provider;
  /** Sign-ups a second, independent of the progress of earlier users. */
  readonly perSecond: number;
  readonly seconds: number;
}

const TYPING_MS = 500;
const now = () => performance.timeOrigin + performance.now();

/** Sends users to the gateway at a fixed rate. Each user calls every endpoint. */
export async function runUserLoad({ gateway, provider, perSecond, seconds }: UserLoadOptions): Promise<ResponseTimes> {
  const took: { readonly [E in Endpoint]: number[] } = { signUp: [], code: [], status: [], longPoll: [] };
  const arrivals = new Map<string, (request: ProviderRequest) => void>();
  const stop = provider.onRequest((request) => {
    if (request.call === 'send') arrivals.get(`${request.userId} ${request.channel}`)?.(request);
  });
  const sent = (userId: string, channel: Channel) =>
    new Promise<ProviderRequest>((done) => arrivals.set(`${userId} ${channel}`, done));
  const timed = async <T>(endpoint: Endpoint, call: () => Promise<T>): Promise<T> => {
    const startedAt = now();
    const reply = await call();
    took[endpoint].push(now() - startedAt);
    return reply;
  };
  const signUp = async (userId: string) => {
    const [arrived, texted] = [sent(userId, 'email'), sent(userId, 'sms')];
    const startedAt = now();
    await gateway.call('POST', pathOf(userId), { accountType: 'individual' });
    took.signUp.push((await arrived).at - startedAt);
    await pause(TYPING_MS);
    const { revision } = await timed('status', () => gateway.call('GET', pathOf(userId)));
    const change = gateway.call('GET', pathOf(userId, `?after=${revision}&wait=30`));
    await pause(TYPING_MS);
    const submitted = now();
    const replied = change.then(() => took.longPoll.push(now() - submitted));
    await timed('code', () => gateway.call('POST', pathOf(userId, '/code'), { channel: 'email', code: CODE }));
    await replied;
    // The user completes the journey, so that each sign-up is the load of a whole journey.
    if ((await texted).verified) return;
    await pause(TYPING_MS);
    await gateway.call('POST', pathOf(userId, '/code'), { channel: 'sms', code: CODE });
  };
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let nth = 0; nth < perSecond * seconds; nth += 1) {
    await pause(Math.max(0, startedAt + (nth * 1_000) / perSecond - performance.now()));
    all.push(signUp(unverifiedUserId()));
  }
  await Promise.all(all);
  stop();
  return Object.fromEntries(endpoints.map((endpoint) => [endpoint, percentilesOf(took[endpoint])])) as Record<
    Endpoint,
    Times
  >;
}
