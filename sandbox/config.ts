import { homedir } from 'node:os';
import { resolve, sep } from 'node:path';
import {
  encryptionKeys,
  host,
  logLevel,
  policySettings,
  port,
  readVariable,
  settingError,
  statusReceiver,
  temporalSettings,
} from '../client/config/env.ts';
import type { Environment } from '../client/config/env.ts';
import { deploymentEnvironment } from '../client/config/deployment-environment.ts';
import { oidcSettings } from '../client/config/oidc-settings.ts';
import { providerIdentity, providerSettings } from '../client/config/provider-settings.ts';
import { readAll } from '../client/config/setting-error.ts';
import { receiptKeys } from '../client/config/receipt-keys.ts';
import { codecOrigins, rate, tokens, webhookSecrets } from '../client/gateway/config.ts';
import { trustedProxies } from '../client/gateway/trusted-proxies.ts';
import type { StackOptions } from './stack/options.ts';
import { findTemporal } from './temporal/index.ts';

/** The default of `ONWARD_DATA`, for the CLI as well. */
export const DEFAULT_FOLDER = '.onward';

/** The options that come from environment variables. `temporal` is separate, since finding a server may take long. */
export type SandboxSettings = Pick<
  StackOptions,
  'folder' | 'settings' | 'provider' | 'apiKey' | 'encryptionKeys' | 'gateway' | 'receiver'
>;

/** Reads the environment variables. Throws `SettingError`, which names every invalid one. */
export function sandboxSettings(env: Environment): SandboxSettings {
  const isSet = (name: string) => [name, `${name}_FILE`].some((each) => (env[each] ?? '') !== '');
  const toProvider = isSet('SFOX_BASE_URL');
  const toSimulator = !toProvider && isSet('ENTERPRISE_API_KEY');
  return readAll({
    folder: () => resolve(readVariable(env, 'ONWARD_DATA') ?? DEFAULT_FOLDER),
    settings: () => policySettings(env),
    provider: () => (toProvider || isSet('TEMPORAL_ADDRESS') ? providerOf(env) : undefined),
    apiKey: () => (toSimulator ? providerSettings({ ...env, SFOX_BASE_URL: 'http://localhost' }).apiKey : undefined),
    encryptionKeys: () => (isSet('ONWARD_ENCRYPTION_KEYS') ? encryptionKeys(env) : undefined),
    receiver: () => statusReceiver(env),
    gateway: () => gatewaySettings(env, isSet),
    // `temporalOf` uses these settings; they are checked here to report all errors together.
    checkedTemporal: () => (isSet('TEMPORAL_ADDRESS') ? temporalSettings(env) : undefined),
  });
}

/** Reads the provider of a Temporal server that was given. The sandbox does not choose one: its simulator would serve that server's users. */
function providerOf(env: Environment): SandboxSettings['provider'] {
  if (readVariable(env, 'SFOX_BASE_URL') !== undefined) return { ...providerSettings(env), ...providerIdentity(env) };
  throw settingError(
    'SFOX_BASE_URL',
    'is missing, although TEMPORAL_ADDRESS names a server: name the provider of its journeys',
  );
}

function gatewaySettings(env: Environment, given: (name: string) => boolean): SandboxSettings['gateway'] {
  return readAll({
    host: () => host(env),
    port: () => (given('ONWARD_PORT') ? port(env, 'ONWARD_PORT', 8080) : undefined),
    tokens: () => (given('ONWARD_TOKENS') ? tokens(env) : undefined),
    webhookSecrets: () => (given('ONWARD_WEBHOOK_SECRETS') ? webhookSecrets(env) : undefined),
    receiptKeys: () => (given('ONWARD_RECEIPT_KEYS') ? receiptKeys(env) : undefined),
    oidc: () => oidcSettings(env),
    rate: () => rate(env),
    trustProxy: () => trustedProxies(env),
    codecOrigins: () => codecOrigins(env),
    environment: () => deploymentEnvironment(env),
    logLevel: () => (given('ONWARD_LOG_LEVEL') ? logLevel(env) : ('warn' as const)),
  });
}

/**
 * Returns the server of `TEMPORAL_ADDRESS`, or a Temporal binary with the Compose file that has its arguments.
 *
 * @param root the folder of the project
 */
export async function findTemporalServer(
  env: Environment,
  root: string,
  say: (line: string) => void,
): Promise<StackOptions['temporal']> {
  if (readVariable(env, 'TEMPORAL_ADDRESS') !== undefined) return { given: temporalSettings(env) };
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: cacheFolder(env, root), say });
  return { binary, composeFile: resolve(root, 'temporal-dev.yml') };
}

/** The cache of this repository; of an installed package, that of the user, since the package may be replaced or read-only. */
function cacheFolder(env: Environment, root: string): string {
  if (!root.split(sep).includes('node_modules')) return resolve(root, '.cache');
  return resolve(env['XDG_CACHE_HOME'] || resolve(homedir(), '.cache'), 'onward');
}
