import { readVariable, requireVariable, settingError } from './env.ts';
import type { Environment } from './env.ts';
import { readAll, readEach } from './setting-error.ts';
import { isLoopback, parseHttpUrl } from './setting-formats.ts';

export interface ProviderSettings {
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Which journeys belong to a provider. */
export interface ProviderIdentity {
  /** Names the provider in the journeys that start now. */
  readonly id: string;
  /** Earlier names of the same provider. */
  readonly formerIds: readonly string[];
}

const STAGING_URL = 'https://api.staging.sfox.com';

/** Reads the provider's base URL and API key. Both are required, so that no process calls the real provider by accident. */
export function providerSettings(env: Environment): ProviderSettings {
  return readAll({ baseUrl: () => providerUrl(env), apiKey: () => providerKey(env) });
}

/** Reads the names of the provider that a worker serves. */
export function providerIdentity(env: Environment): ProviderIdentity {
  return readAll({ id: () => servedProvider(env), formerIds: () => formerProviders(env) });
}

/** Reads the name of the provider that new journeys belong to: that of a provider of your own, or the origin of sFOX's base URL. */
export function providerId(env: Environment): string {
  return customProviderId(env) ?? new URL(providerUrl(env)).origin;
}

/** Reads the name of the provider that a worker calls. A name without that provider, or the reverse, is an error. */
function servedProvider(env: Environment): string {
  const isCustom = readVariable(env, 'ONWARD_PROVIDER') !== undefined;
  const isNamed = readVariable(env, 'ONWARD_PROVIDER_ID') !== undefined;
  if (isCustom && !isNamed) throw settingError('ONWARD_PROVIDER_ID', 'is missing, although ONWARD_PROVIDER is set');
  if (isNamed && !isCustom) throw settingError('ONWARD_PROVIDER', 'is missing, although ONWARD_PROVIDER_ID is set');
  return providerId(env);
}

function customProviderId(env: Environment): string | undefined {
  const id = readVariable(env, 'ONWARD_PROVIDER_ID');
  if (id === undefined || /^[A-Za-z0-9._-]{1,64}$/.test(id)) return id;
  throw settingError('ONWARD_PROVIDER_ID', 'must be 1 to 64 letters, digits or . _ -');
}

function providerKey(env: Environment): string {
  const apiKey = requireVariable(env, 'ENTERPRISE_API_KEY', '<the bearer key that sFOX gave you>', true);
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey;
  throw settingError('ENTERPRISE_API_KEY', 'must contain only printable ASCII characters without spaces');
}

function providerUrl(env: Environment): string {
  const text = requireVariable(env, 'SFOX_BASE_URL', STAGING_URL);
  const wrong = (problem: string) => settingError('SFOX_BASE_URL', problem);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw wrong('must be a URL with its scheme');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw wrong('must use https, because every request carries the API key');
  }
  if (parseHttpUrl(text) === undefined) throw wrong('must be a URL that starts with https:// and contains no spaces');
  if (/[?#]/.test(text) || url.username !== '' || url.password !== '')
    throw wrong('must not contain credentials, a query or a fragment');
  return url.href;
}

/** Reads the earlier addresses of the same provider, separated by spaces: their journeys are served as well. */
function formerProviders(env: Environment): readonly string[] {
  const text = readVariable(env, 'SFOX_FORMER_URLS', true);
  if (text === undefined) return [];
  return readEach(text.trim().split(/\s+/), (url, index) => {
    const { origin } = parseHttpUrl(url) ?? {};
    if (origin !== undefined) return origin;
    throw settingError('SFOX_FORMER_URLS', `must be http or https URLs, separated by spaces (URL ${index + 1})`);
  });
}
