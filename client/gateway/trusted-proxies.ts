import { isIP } from 'node:net';
import { readVariable, settingError } from '../config/env.ts';
import type { Environment } from '../config/env.ts';
import { readEach } from '../config/setting-error.ts';

/** Addresses and ranges of the proxies in front, or how many proxies there are; `false` for none. */
export type TrustedProxies = false | number | string[];

const MAX_HOPS = 10;
const BITS = { 4: 32, 6: 128 } as const;

/**
 * Reads the proxies that are trusted to describe a caller (`X-Forwarded-For`, `-Host`, `-Proto`): their addresses or ranges, separated by
 * spaces or commas, or a number of hops. A switch for any proxy would let every caller choose its address.
 */
export function trustedProxies(env: Environment): TrustedProxies {
  const text = readVariable(env, 'ONWARD_TRUST_PROXY');
  if (text === undefined) return false;
  if (/^\d+$/.test(text)) return hopsOf(text);
  return readEach(text.trim().split(/[\s,]+/), (proxy) => {
    if (isAddressOrRange(proxy)) return proxy;
    const right = 'must hold addresses or ranges of proxies, or a number of hops';
    throw settingError('ONWARD_TRUST_PROXY', `${right}; got '${proxy}'`);
  });
}

/** Converts the setting to Fastify's option. The first hop is the proxy that connects to this process. */
export function proxyTrustOf(proxies: TrustedProxies) {
  return typeof proxies === 'number' ? (_address: string, hop: number) => hop < proxies : proxies;
}

function hopsOf(text: string): number {
  const hops = Number(text);
  if (hops >= 1 && hops <= MAX_HOPS) return hops;
  throw settingError('ONWARD_TRUST_PROXY', `must be from 1 to ${MAX_HOPS} if it is a number of hops; got ${text}`);
}

function isAddressOrRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= BITS[family]);
}
