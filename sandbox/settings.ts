import { resolve } from 'node:path';
import {
  encryptionKeys,
  logLevel,
  policySettings,
  port,
  providerSettings,
  read,
  statusReceiver,
  temporalSettings,
} from '../client/environment.ts';
import type { Environment } from '../client/environment.ts';
import { codecOrigins, rate, tokens, trustProxy, webhookSecrets } from '../client/gateway/settings.ts';
import type { StackOptions } from './stack.ts';
import { findTemporal } from './temporal/index.ts';

/** Where the command line looks, too, where nothing else is said. */
export const USUAL_FOLDER = '.onward';

/** The part of a stack that the environment decides; `temporal` apart, since finding a server may take long. */
export type SandboxSettings = Pick<
  StackOptions,
  'folder' | 'settings' | 'provider' | 'apiKey' | 'encryptionKeys' | 'gateway' | 'receiver'
>;

/** Reads what was given. Throws `SettingError`. */
export function sandboxSettings(env: Environment): SandboxSettings {
  const given = (name: string) => read(env, name) !== undefined;
  const toProvider = given('SFOX_BASE_URL');
  const toSimulator = !toProvider && given('ENTERPRISE_API_KEY');
  return {
    folder: resolve(read(env, 'ONWARD_DATA') ?? USUAL_FOLDER),
    settings: policySettings(env),
    provider: toProvider ? providerSettings(env) : undefined,
    apiKey: toSimulator ? providerSettings({ ...env, SFOX_BASE_URL: 'http://localhost' }).apiKey : undefined,
    encryptionKeys: given('ONWARD_ENCRYPTION_KEYS') ? encryptionKeys(env) : undefined,
    receiver: statusReceiver(env),
    gateway: {
      host: read(env, 'ONWARD_HOST') ?? '127.0.0.1',
      port: given('ONWARD_PORT') ? port(env, 'ONWARD_PORT', 8080) : undefined,
      tokens: given('ONWARD_TOKENS') ? tokens(env) : undefined,
      webhookSecrets: given('ONWARD_WEBHOOK_SECRETS') ? webhookSecrets(env) : undefined,
      rate: rate(env),
      trustProxy: trustProxy(env),
      codecOrigins: codecOrigins(env),
      logLevel: given('ONWARD_LOG_LEVEL') ? logLevel(env) : 'warn',
    },
  };
}

/**
 * The server that `TEMPORAL_ADDRESS` names, or a binary and the file that says how to run it.
 *
 * @param root the project's own folder
 */
export async function temporalOf(
  env: Environment,
  root: string,
  say: (line: string) => void,
): Promise<StackOptions['temporal']> {
  if (read(env, 'TEMPORAL_ADDRESS') !== undefined) return { given: temporalSettings(env) };
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve(root, '.cache'), say });
  return { binary, composeFile: resolve(root, 'temporal-dev.yml') };
}
