import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { EncryptionKey } from '../temporal/encryption-codec.ts';
import { readAll, readEach, SettingError } from './setting-error.ts';
import {
  decodeBase64,
  isHost,
  isHostAndPort,
  isLoopback,
  isWebhookSecret,
  lineBreakProblem,
  parseHttpUrl,
  quoteProblem,
} from './setting-formats.ts';
import { readSmallFile } from './secret-file.ts';
import { defaultSettings, readPolicyFile } from './policy-file.ts';
import type { Settings } from './policy-file.ts';

/** Environment variables, passed in by the entry point of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a variable, or the file that `NAME_FILE` names. Returns `undefined` if it is missing or empty.
 *
 * @param mayHoldLines whether line breaks are allowed, as in a list with one item per line
 * @throws SettingError if the value contains quotes or line breaks that a shell or an editor left in it
 */
export function readVariable(env: Environment, name: string, mayHoldLines = false): string | undefined {
  const value = env[name] ?? '';
  const text = value === '' ? readSecretFile(env, `${name}_FILE`, name) : value;
  if (text === undefined) return undefined;
  const problem = quoteProblem(text) ?? (mayHoldLines ? undefined : lineBreakProblem(text));
  if (problem === undefined) return text;
  throw new SettingError(name, problem, examples[name] ?? `${name}=<the bare value>`);
}

function readSecretFile(env: Environment, variable: string, name: string): string | undefined {
  const file = env[variable];
  if (file === undefined || file === '') return undefined;
  const example = `${variable}=/run/secrets/${name.toLowerCase()}`;
  const quoted = quoteProblem(file);
  if (quoted !== undefined) throw new SettingError(variable, quoted, example);
  const found = readSmallFile(file);
  if ('text' in found) return found.text || undefined;
  throw new SettingError(variable, found.problem, example);
}

/** Reads a required variable. `example` is a valid value, shown if it is missing. */
export function requireVariable(env: Environment, name: string, example: string, mayHoldLines = false): string {
  const value = readVariable(env, name, mayHoldLines);
  if (value === undefined) throw new SettingError(name, 'is missing', `${name}=${example}`);
  return value;
}

const KEY_BYTES = 32;
const RECEIVER_EXAMPLE = 'https://shop.example.com/onward';
const STATUS_SECRET_EXAMPLE = 'whsec_<base64 of 24 to 64 bytes>';

/** A valid setting of each variable, shown in the error for an invalid one. */
const examples: Readonly<Record<string, string>> = {
  ENTERPRISE_API_KEY: 'ENTERPRISE_API_KEY=<the bearer key that sFOX gave you>',
  SFOX_BASE_URL: 'SFOX_BASE_URL=https://api.staging.sfox.com',
  SFOX_FORMER_URLS: 'SFOX_FORMER_URLS=https://api.example.com',
  ONWARD_ENCRYPTION_KEYS: 'ONWARD_ENCRYPTION_KEYS=2026-11:<32 bytes in base64: openssl rand -base64 32>',
  ONWARD_RECEIPT_KEYS: 'ONWARD_RECEIPT_KEYS=2026-11:<32 bytes in base64: openssl rand -base64 32>',
  ONWARD_PROVIDER: 'ONWARD_PROVIDER=/etc/onward/provider.mjs',
  ONWARD_PROVIDER_ID: 'ONWARD_PROVIDER_ID=shop-messages',
  ONWARD_STATUS_URL: `ONWARD_STATUS_URL=${RECEIVER_EXAMPLE}`,
  ONWARD_STATUS_SECRET: `ONWARD_STATUS_SECRET=${STATUS_SECRET_EXAMPLE}`,
  ONWARD_TOKENS: 'ONWARD_TOKENS=app:shop:<token> operator:night:sha256:<hex of the token’s SHA-256>',
  ONWARD_WEBHOOK_SECRETS: 'ONWARD_WEBHOOK_SECRETS=whsec_<base64 of 24 to 64 bytes>',
  ONWARD_POLICY: 'ONWARD_POLICY=policy.yml',
  ONWARD_HOST: 'ONWARD_HOST=127.0.0.1',
  ONWARD_PORT: 'ONWARD_PORT=8080',
  ONWARD_WORKER_PORT: 'ONWARD_WORKER_PORT=8081',
  ONWARD_RATE: 'ONWARD_RATE=1000/10s',
  ONWARD_TRUST_PROXY: 'ONWARD_TRUST_PROXY=10.0.0.0/8',
  ONWARD_ENVIRONMENT: 'ONWARD_ENVIRONMENT=production:red',
  ONWARD_TEMPORAL_UI: 'ONWARD_TEMPORAL_UI=https://temporal.example.com',
  ONWARD_CODEC_ORIGINS: 'ONWARD_CODEC_ORIGINS=http://127.0.0.1:8233',
  ONWARD_PUBLIC_URL: 'ONWARD_PUBLIC_URL=https://onward.example.com',
  ONWARD_OIDC_ISSUER: 'ONWARD_OIDC_ISSUER=https://login.example.com',
  ONWARD_OIDC_CLIENT_ID: 'ONWARD_OIDC_CLIENT_ID=onward',
  ONWARD_OIDC_CLIENT_SECRET: 'ONWARD_OIDC_CLIENT_SECRET=<the secret that the provider gave you>',
  ONWARD_OIDC_SCOPE: 'ONWARD_OIDC_SCOPE=openid profile groups',
  ONWARD_OIDC_ROLE_CLAIM: 'ONWARD_OIDC_ROLE_CLAIM=groups',
  ONWARD_OIDC_ROLES: 'ONWARD_OIDC_ROLES=onward-operators:operator,onward-viewers:viewer',
  ONWARD_OIDC_NAME_CLAIM: 'ONWARD_OIDC_NAME_CLAIM=preferred_username',
  ONWARD_OIDC_LABEL: 'ONWARD_OIDC_LABEL=Example SSO',
  ONWARD_AUDIT_LOG: 'ONWARD_AUDIT_LOG=/var/log/onward/audit.log',
  ONWARD_LOG_LEVEL: 'ONWARD_LOG_LEVEL=info',
  ONWARD_DATA: 'ONWARD_DATA=.onward',
  ONWARD_URL: 'ONWARD_URL=https://onward.example.com',
  ONWARD_TOKEN: 'ONWARD_TOKEN=<a bearer token>',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318',
  TEMPORAL_ADDRESS: 'TEMPORAL_ADDRESS=127.0.0.1:7233',
  TEMPORAL_NAMESPACE: 'TEMPORAL_NAMESPACE=default',
  TEMPORAL_API_KEY: 'TEMPORAL_API_KEY=<the key that Temporal Cloud gave you>',
  TEMPORAL_DEPLOYMENT_NAME: 'TEMPORAL_DEPLOYMENT_NAME=onward',
  TEMPORAL_WORKER_BUILD_ID: 'TEMPORAL_WORKER_BUILD_ID=1.4.2',
};

/** Creates the error for a variable that has an example. */
export function settingError(name: string, problem: string): SettingError {
  return new SettingError(name, problem, examples[name] ?? `${name}=`);
}

/** Reads the encryption keys, newest first: `id:base64`, separated by spaces or line breaks. */
export function encryptionKeys(env: Environment): [EncryptionKey, ...EncryptionKey[]] {
  const text = readVariable(env, 'ONWARD_ENCRYPTION_KEYS', true);
  if (text === undefined) throw settingError('ONWARD_ENCRYPTION_KEYS', 'is missing');
  const [newest, ...older] = readEach(text.trim().split(/\s+/), encryptionKey);
  if (newest === undefined) throw settingError('ONWARD_ENCRYPTION_KEYS', 'is empty');
  const ids = [newest, ...older].map(({ id }) => id);
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  // A payload references its key only by id, so two keys with one id would make payloads unreadable.
  if (duplicate !== undefined)
    throw settingError('ONWARD_ENCRYPTION_KEYS', `contains two keys with the id '${duplicate}'`);
  return [newest, ...older];
}

function encryptionKey(text: string, index: number): EncryptionKey {
  const [id, base64, ...rest] = text.split(':');
  const wrong = (problem: string) => settingError('ONWARD_ENCRYPTION_KEYS', `${problem} (key ${index + 1})`);
  if (id === undefined || id === '' || base64 === undefined || rest.length > 0)
    throw wrong("must have the form 'id:base64'");
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw wrong('has an invalid id: use 1 to 64 letters, digits or . _ -');
  const key = decodeBase64(base64);
  if (key === undefined) throw wrong('is not valid base64: it contains another character or is truncated');
  if (key.length !== KEY_BYTES) throw wrong(`must decode to ${KEY_BYTES} bytes, not ${key.length}`);
  return { id, key };
}

/**
 * Reads the URL that receives status changes and the secret that signs them; `undefined` if both are missing. Only one of
 * the two is an error, because nothing would be sent.
 */
export function statusReceiver(env: Environment): { readonly url: string; readonly secret: string } | undefined {
  const { url, secret } = readAll({ url: () => statusUrl(env), secret: () => statusSecret(env) });
  if (url !== undefined && secret !== undefined) return { url, secret };
  if (url !== undefined) throw settingError('ONWARD_STATUS_SECRET', 'is missing');
  if (secret !== undefined) throw settingError('ONWARD_STATUS_URL', 'is missing, although ONWARD_STATUS_SECRET is set');
  return undefined;
}

function statusUrl(env: Environment): string | undefined {
  const text = readVariable(env, 'ONWARD_STATUS_URL');
  if (text === undefined) return undefined;
  const url = parseHttpUrl(text);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return text;
  throw settingError('ONWARD_STATUS_URL', 'must be an https URL');
}

function statusSecret(env: Environment): string | undefined {
  const secret = readVariable(env, 'ONWARD_STATUS_SECRET')?.replace(/^v1,/, '');
  if (secret === undefined || isWebhookSecret(secret)) return secret;
  throw settingError('ONWARD_STATUS_SECRET', `must have the form ${STATUS_SECRET_EXAMPLE}`);
}

/** Reads the policy, rates and recovery settings from the file that `ONWARD_POLICY` names. */
export function policySettings(env: Environment): Settings {
  const path = readVariable(env, 'ONWARD_POLICY');
  return path === undefined ? defaultSettings : readPolicyFile(path);
}

/**
 * Reads the Temporal connection settings from Temporal's standard variables and profiles.
 *
 * @throws SettingError
 */
export function temporalSettings(env: Environment): ClientConnectConfig {
  const names = Object.keys(env).filter((name) => name.startsWith('TEMPORAL_') && !name.endsWith('_DATA'));
  const { apiKey } = readAll({
    variables: () => readEach(names, (name) => readVariable(env, name)),
    address: () => temporalAddress(env),
    apiKey: () => readVariable(env, 'TEMPORAL_API_KEY'),
  });
  const variables = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const secret: Record<string, string> = apiKey === undefined ? {} : { TEMPORAL_API_KEY: apiKey };
  try {
    return loadClientConnectConfig({ overrideEnvVars: { ...variables, ...secret } });
  } catch (error) {
    // The lines after the first quote the profile file, which contains the API key.
    const [problem] = String(error).split('\n');
    throw new SettingError('TEMPORAL_*', `are invalid: ${problem}`, 'TEMPORAL_ADDRESS=127.0.0.1:7233');
  }
}

/** gRPC never stops trying to connect to an address with a scheme. */
function temporalAddress(env: Environment): string | undefined {
  const address = readVariable(env, 'TEMPORAL_ADDRESS');
  if (address === undefined || isHostAndPort(address)) return address;
  throw settingError('TEMPORAL_ADDRESS', 'must be a host and a port, without a scheme or a path');
}

/** Reads the host that a process listens on: a name or an IP address. */
export function host(env: Environment): string {
  const text = readVariable(env, 'ONWARD_HOST') ?? '127.0.0.1';
  if (isHost(text)) return text;
  throw settingError('ONWARD_HOST', 'must be a host name or an IP address, without a scheme or a port');
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Reads the minimum level of log messages. */
export function logLevel(env: Environment): LogLevel {
  const text = readVariable(env, 'ONWARD_LOG_LEVEL') ?? 'info';
  const level = logLevels.find((each) => each === text);
  if (level !== undefined) return level;
  throw settingError('ONWARD_LOG_LEVEL', `must be one of ${logLevels.join(', ')}, not '${text}'`);
}

/** Reads the base URL of the OTLP collector that receives traces; `undefined` if none is set. */
export function traceEndpoint(env: Environment): string | undefined {
  const text = readVariable(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (text === undefined || parseHttpUrl(text) !== undefined) return text;
  throw settingError('OTEL_EXPORTER_OTLP_ENDPOINT', 'must be an http or https URL');
}

/** Reads a port number; `fallback` if it is not set. */
export function port(env: Environment, name: string, fallback: number): number {
  const text = readVariable(env, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 65_536) return value;
  throw new SettingError(name, `must be a port from 0 to 65535, not '${text}'`, `${name}=${fallback}`);
}
