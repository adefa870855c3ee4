import ms from 'ms';
import { isWebhookSecret, read, required } from '../environment.ts';
import type { Environment } from '../environment.ts';
import { SettingError } from '../settings.ts';
import { digestOf, roles } from './tokens.ts';
import type { Role, Token } from './tokens.ts';

const TOKENS_EXAMPLE = 'ONWARD_TOKENS="app:shop:<token> operator:night:sha256:<hex of the token’s SHA-256>"';
const SHORTEST_TOKEN = 16;

/** The bearer tokens: `role:name:token` or `role:name:sha256:<hex>`, separated by spaces. */
export function tokens(env: Environment): Token[] {
  const text = required(env, 'ONWARD_TOKENS', TOKENS_EXAMPLE.slice('ONWARD_TOKENS='.length));
  return text.trim().split(/\s+/).map(tokenOf);
}

function tokenOf(text: string, index: number): Token {
  const wrong = (problem: string) =>
    new SettingError('ONWARD_TOKENS', `${problem} (token ${index + 1})`, TOKENS_EXAMPLE);
  const [role, name, ...rest] = text.split(':');
  if (!isRole(role)) throw wrong(`begins with a role that is none of ${roles.join(', ')}`);
  if (name === undefined || !/^[A-Za-z0-9._-]{1,64}$/.test(name))
    throw wrong('needs a name of 1 to 64 letters, digits or . _ -');
  const secret = rest.join(':');
  if (rest[0] === 'sha256') {
    if (rest.length !== 2 || !/^[0-9a-f]{64}$/i.test(rest[1] ?? ''))
      throw wrong('has no SHA-256 in 64 hexadecimal digits');
    return { role, name, digest: Buffer.from(rest[1] ?? '', 'hex') };
  }
  if (secret.length < SHORTEST_TOKEN) throw wrong(`is shorter than ${SHORTEST_TOKEN} characters`);
  return { role, name, digest: digestOf(secret) };
}

function isRole(text: string | undefined): text is Role {
  return roles.some((role) => role === text);
}

const SECRETS_EXAMPLE = 'ONWARD_WEBHOOK_SECRETS="whsec_<base64 of 24 to 64 bytes>"';

/** The secrets of sign-up events, any of which may have signed: `whsec_…`, separated by spaces. */
export function webhookSecrets(env: Environment): string[] {
  const text = required(env, 'ONWARD_WEBHOOK_SECRETS', SECRETS_EXAMPLE.slice('ONWARD_WEBHOOK_SECRETS='.length));
  return text
    .trim()
    .split(/\s+/)
    .map((secret, index) => {
      if (isWebhookSecret(secret)) return secret;
      throw new SettingError(
        'ONWARD_WEBHOOK_SECRETS',
        `is not of the form whsec_<base64 of 24 to 64 bytes> (secret ${index + 1})`,
        SECRETS_EXAMPLE,
      );
    });
}

export interface Rate {
  readonly calls: number;
  /** Milliseconds. */
  readonly within: number;
}

/** How many calls a token has: `1000/10s`. */
export function rate(env: Environment): Rate {
  const text = read(env, 'ONWARD_RATE') ?? '1000/10s';
  const [, calls = '', span = ''] = /^(\d{1,9})\/(\d+ ?[a-z]+)$/i.exec(text) ?? [];
  const within = span === '' ? Number.NaN : ms(span as ms.StringValue);
  if (Number(calls) > 0 && within > 0) return { calls: Number(calls), within };
  throw new SettingError('ONWARD_RATE', `is no rate: '${text}'`, 'ONWARD_RATE=1000/10s');
}

/** Whether a proxy in front tells who calls (`X-Forwarded-For`). */
export function trustProxy(env: Environment): boolean {
  const text = read(env, 'ONWARD_TRUST_PROXY') ?? 'off';
  if (text === 'on' || text === 'off') return text === 'on';
  throw new SettingError('ONWARD_TRUST_PROXY', `is neither on nor off: '${text}'`, 'ONWARD_TRUST_PROXY=on');
}

/** Where Temporal’s own pages show the workflows of a namespace, for the console's links; `undefined` where nobody said. */
export function temporalUi(env: Environment, namespace: string): string | undefined {
  const text = read(env, 'ONWARD_TEMPORAL_UI');
  if (text === undefined) return undefined;
  if (/^https?:/i.test(text) && URL.canParse(text)) return workflowsAt(text, namespace);
  throw new SettingError('ONWARD_TEMPORAL_UI', 'is no address', 'ONWARD_TEMPORAL_UI=https://temporal.example.com');
}

/** Where Temporal’s pages at an address show the workflows of a namespace. */
export function workflowsAt(address: string, namespace: string): string {
  return `${address.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
}

/** Where Temporal’s own pages may ask `/codec` from, separated by spaces. */
export function codecOrigins(env: Environment): string[] {
  const text = read(env, 'ONWARD_CODEC_ORIGINS');
  if (text === undefined) return [];
  return text
    .trim()
    .split(/\s+/)
    .map((origin) => {
      if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
      throw new SettingError(
        'ONWARD_CODEC_ORIGINS',
        `is no origin: '${origin}'`,
        'ONWARD_CODEC_ORIGINS=http://127.0.0.1:8233',
      );
    });
}
