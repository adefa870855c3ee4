import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { EncryptionKey } from './encryption.ts';
import { defaultSettings, readPolicyFile, SettingError } from './settings.ts';
import type { Settings } from './settings.ts';

/** The variables of a process, as given by its entry point. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a variable; a secret may instead be named by `NAME_FILE`. `undefined` where it is missing or empty. */
export function read(env: Environment, name: string): string | undefined {
  const value = env[name];
  const file = env[`${name}_FILE`];
  if (value !== undefined && value !== '') return value;
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    throw new SettingError(
      `${name}_FILE`,
      'names a file that cannot be read',
      `${name}_FILE=/run/secrets/${name.toLowerCase()}`,
    );
  }
}

/** Reads a variable that must be there. */
export function required(env: Environment, name: string, example: string): string {
  const value = read(env, name);
  if (value === undefined) throw new SettingError(name, 'is missing', `${name}=${example}`);
  return value;
}

const KEY_BYTES = 32;
const KEYS_EXAMPLE = 'ONWARD_ENCRYPTION_KEYS=2026-11:<32 bytes in base64: openssl rand -base64 32>';

/** The payload keys, newest first: `id:base64`, separated by spaces. */
export function encryptionKeys(env: Environment): [EncryptionKey, ...EncryptionKey[]] {
  const text = read(env, 'ONWARD_ENCRYPTION_KEYS');
  if (text === undefined) throw new SettingError('ONWARD_ENCRYPTION_KEYS', 'is missing', KEYS_EXAMPLE);
  const [newest, ...older] = text.trim().split(/\s+/).map(encryptionKey);
  if (newest === undefined) throw new SettingError('ONWARD_ENCRYPTION_KEYS', 'is empty', KEYS_EXAMPLE);
  const ids = [newest, ...older].map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  // A payload names its key by id alone, so it could not be read again.
  if (twice !== undefined) throw new SettingError('ONWARD_ENCRYPTION_KEYS', `has two keys '${twice}'`, KEYS_EXAMPLE);
  return [newest, ...older];
}

function encryptionKey(text: string, index: number): EncryptionKey {
  const [id, base64, ...rest] = text.split(':');
  const key = Buffer.from(base64 ?? '', 'base64');
  const wrong = (problem: string) =>
    new SettingError('ONWARD_ENCRYPTION_KEYS', `${problem} (key ${index + 1})`, KEYS_EXAMPLE);
  if (id === undefined || id === '' || base64 === undefined || rest.length > 0)
    throw wrong("is not of the form 'id:base64'");
  if (key.length !== KEY_BYTES) throw wrong(`holds ${key.length} bytes where ${KEY_BYTES} are needed`);
  return { id, key };
}

export interface ProviderSettings {
  readonly baseUrl: string;
  readonly apiKey: string;
}

const STAGING = 'https://api.staging.sfox.com';

/** Where the provider is, and its key. Nothing reaches the real one by accident: both are required. */
export function providerSettings(env: Environment): ProviderSettings {
  const baseUrl = required(env, 'SFOX_BASE_URL', STAGING);
  const apiKey = required(env, 'ENTERPRISE_API_KEY', '<the bearer key that sFOX gave you>');
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new SettingError(
      'ENTERPRISE_API_KEY',
      'holds a character that no key has',
      'ENTERPRISE_API_KEY_FILE=/run/secrets/sfox',
    );
  }
  return { baseUrl: checkedUrl(baseUrl), apiKey };
}

function checkedUrl(text: string): string {
  const wrong = (problem: string) => new SettingError('SFOX_BASE_URL', problem, `SFOX_BASE_URL=${STAGING}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw wrong('is no address');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw wrong('must be https, since the key travels with every request');
  }
  if (/[?#]/.test(text) || url.username !== '' || url.password !== '') throw wrong('must be an address alone');
  return url.href;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

const RECEIVER = 'https://shop.example.com/onward';

/** Where changes of status are told, and the secret that signs them; `undefined` where nobody wants to hear. */
export function statusReceiver(env: Environment): { readonly url: string; readonly secret: string } | undefined {
  const text = read(env, 'ONWARD_STATUS_URL');
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSafe) throw new SettingError('ONWARD_STATUS_URL', 'is no address of https', `ONWARD_STATUS_URL=${RECEIVER}`);
  const secret = required(env, 'ONWARD_STATUS_SECRET', 'whsec_<base64 of 24 to 64 bytes>');
  if (isWebhookSecret(secret)) return { url: text, secret };
  throw new SettingError(
    'ONWARD_STATUS_SECRET',
    'is not of the form whsec_<base64 of 24 to 64 bytes>',
    'ONWARD_STATUS_SECRET=whsec_<base64 of 24 to 64 bytes>',
  );
}

/** Of the length that Standard Webhooks wants: 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const { length } = Buffer.from(base64 ?? '', 'base64');
  return length >= 24 && length <= 64;
}

/** Journeys' policy and the fleet's rates, from the file that `ONWARD_POLICY` names. */
export function policySettings(env: Environment): Settings {
  const path = read(env, 'ONWARD_POLICY');
  return path === undefined ? defaultSettings : readPolicyFile(path);
}

/**
 * How Temporal is reached, by its own standard variables and profiles.
 *
 * @throws SettingError
 */
export function temporalSettings(env: Environment): ClientConnectConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const apiKey = read(env, 'TEMPORAL_API_KEY');
  const secret: Record<string, string> = apiKey === undefined ? {} : { TEMPORAL_API_KEY: apiKey };
  try {
    return loadClientConnectConfig({ overrideEnvVars: { ...given, ...secret } });
  } catch (error) {
    // Below the first line stands the text of a profile file, with the key in it.
    const [problem] = String(error).split('\n');
    throw new SettingError('TEMPORAL_*', `cannot be used: ${problem}`, 'TEMPORAL_ADDRESS=127.0.0.1:7233');
  }
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** From which level on a process logs. */
export function logLevel(env: Environment): LogLevel {
  const text = read(env, 'ONWARD_LOG_LEVEL') ?? 'info';
  const level = logLevels.find((each) => each === text);
  if (level !== undefined) return level;
  const problem = `is no level: '${text}' is none of ${logLevels.join(', ')}`;
  throw new SettingError('ONWARD_LOG_LEVEL', problem, 'ONWARD_LOG_LEVEL=info');
}

/** Where traces are sent, an OTLP collector's base address; `undefined` where there is none. */
export function traceEndpoint(env: Environment): string | undefined {
  const text = read(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text;
  const example = 'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318';
  throw new SettingError('OTEL_EXPORTER_OTLP_ENDPOINT', 'is no address of http or https', example);
}

/** A port number, or its default. */
export function port(env: Environment, name: string, fallback: number): number {
  const text = read(env, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 65_536) return value;
  throw new SettingError(name, `is no port: '${text}'`, `${name}=${fallback}`);
}
