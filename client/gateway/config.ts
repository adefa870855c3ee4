import ms from 'ms';
import { readVariable, requireVariable, settingError } from '../config/env.ts';
import type { Environment } from '../config/env.ts';
import { readEach, throwAll } from '../config/setting-error.ts';
import type { SettingError } from '../config/setting-error.ts';
import { isWebhookSecret, parseHttpUrl } from '../config/setting-formats.ts';
import { digestOf, isHolderName } from './plugins/tokens.ts';
import type { Token } from './plugins/tokens.ts';
import { roles } from '../../workflows/journey/roles.ts';
import type { Role } from '../../workflows/journey/roles.ts';

const MIN_TOKEN_LENGTH = 16;
const TOKENS_EXAMPLE = 'app:shop:<token> operator:night:sha256:<hex of the token’s SHA-256>';

/**
 * Reads the bearer tokens: `role:name:token` or `role:name:sha256:<hex>`, separated by spaces or line breaks. During a
 * rotation the older token of a holder is marked: `role:name:previous:…`.
 */
export function tokens(env: Environment): Token[] {
  const text = requireVariable(env, 'ONWARD_TOKENS', TOKENS_EXAMPLE, true);
  const all = readEach(text.trim().split(/\s+/), tokenOf);
  throwAll(all.flatMap((token, index) => findDuplicate(token, index, all.slice(0, index))));
  return all;
}

/** Marks the older token of a holder, until every caller has the newer one. */
const PREVIOUS = 'previous';

type ConfiguredToken = Token & { readonly isPrevious: boolean };

/** A token belongs to one holder, and a name to one token: otherwise the audit log could not identify the caller. */
function findDuplicate(token: ConfiguredToken, index: number, before: readonly ConfiguredToken[]): SettingError[] {
  const { role, name, digest, isPrevious } = token;
  const wrong = (problem: string) => [settingError('ONWARD_TOKENS', `${problem} (token ${index + 1})`)];
  const first = before.findIndex((other) => other.digest.equals(digest));
  if (first !== -1)
    return [
      settingError(
        'ONWARD_TOKENS',
        `contain the same token twice: token ${first + 1} and token ${index + 1}; a token must have one role and one holder`,
      ),
    ];
  const isSame = (other: ConfiguredToken) =>
    other.role === role && other.name === name && other.isPrevious === isPrevious;
  if (!before.some(isSame)) return [];
  return wrong(
    `repeats the name ${role}:${name}; during a rotation, mark the older token: ${role}:${name}:${PREVIOUS}:…`,
  );
}

function tokenOf(text: string, index: number): ConfiguredToken {
  const wrong = (problem: string) => settingError('ONWARD_TOKENS', `${problem} (token ${index + 1})`);
  const [role, name, ...parts] = text.split(':');
  if (!isRole(role)) throw wrong(`must begin with one of the roles ${roles.join(', ')}`);
  if (name === undefined || !isHolderName(name)) throw wrong('must have a name of 1 to 64 letters, digits or . _ -');
  const isPrevious = parts[0] === PREVIOUS && parts.length > 1;
  const rest = isPrevious ? parts.slice(1) : parts;
  const secret = rest.join(':');
  if (rest[0] === 'sha256') {
    if (rest.length !== 2 || !/^[0-9a-f]{64}$/i.test(rest[1] ?? ''))
      throw wrong('must have a SHA-256 digest of 64 hexadecimal digits');
    return { role, name, isPrevious, digest: Buffer.from(rest[1] ?? '', 'hex') };
  }
  if (secret.length < MIN_TOKEN_LENGTH) throw wrong(`must have at least ${MIN_TOKEN_LENGTH} characters`);
  // A token with other characters could not be sent in a header.
  if (!/^[\x21-\x7e]+$/.test(secret) || /["']/.test(secret))
    throw wrong('must contain only printable ASCII characters, without quotes');
  return { role, name, isPrevious, digest: digestOf(secret) };
}

function isRole(text: string | undefined): text is Role {
  return roles.some((role) => role === text);
}

/**
 * Reads the secrets of sign-up events: `whsec_…`, separated by spaces or line breaks. A signature by any of them is valid. Supabase
 * writes them as `v1,whsec_…`, several separated by `|`.
 */
export function webhookSecrets(env: Environment): string[] {
  const list = requireVariable(env, 'ONWARD_WEBHOOK_SECRETS', 'whsec_<base64 of 24 to 64 bytes>', true);
  return readEach(list.trim().split(/[\s|]+/), (text, index) => {
    const secret = text.replace(/^v1,/, '');
    if (isWebhookSecret(secret)) return secret;
    const problem = `must have the form whsec_<base64 of 24 to 64 bytes> (secret ${index + 1})`;
    throw settingError('ONWARD_WEBHOOK_SECRETS', problem);
  });
}

export interface Rate {
  readonly calls: number;
  /** The time span, in milliseconds. */
  readonly within: number;
}

/** Reads the rate limit of a token, such as `1000/10s`. */
export function rate(env: Environment): Rate {
  const text = readVariable(env, 'ONWARD_RATE') ?? '1000/10s';
  const [, calls = '', span = ''] = /^(\d{1,9})\/(\d+ ?[a-z]+)$/i.exec(text) ?? [];
  const within = span === '' ? Number.NaN : ms(span as ms.StringValue);
  if (Number(calls) > 0 && within > 0) return { calls: Number(calls), within };
  throw settingError('ONWARD_RATE', `must be a number of calls and a time span, not '${text}'`);
}

/** Reads the URL of Temporal's UI, for links in the console; `undefined` if it is not configured. */
export function temporalUi(env: Environment): string | undefined {
  const text = readVariable(env, 'ONWARD_TEMPORAL_UI');
  if (text === undefined) return undefined;
  if (parseHttpUrl(text) !== undefined) return text;
  throw settingError('ONWARD_TEMPORAL_UI', `must be an http or https URL, not '${text}'`);
}

/** Returns the URL of a namespace's workflow list in Temporal's UI. */
export function workflowsUrl(address: string, namespace: string): string {
  return `${address.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
}

/** Reads the origins of Temporal's UI that may call `/codec`, separated by spaces. */
export function codecOrigins(env: Environment): string[] {
  const text = readVariable(env, 'ONWARD_CODEC_ORIGINS', true);
  if (text === undefined) return [];
  return readEach(text.trim().split(/\s+/), (origin) => {
    if (parseHttpUrl(origin)?.origin === origin) return origin;
    throw settingError(
      'ONWARD_CODEC_ORIGINS',
      `must be an origin such as https://temporal.example.com, not '${origin}'`,
    );
  });
}
