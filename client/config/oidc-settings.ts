import { readVariable, settingError } from './env.ts';
import type { Environment } from './env.ts';
import { readAll, readEach } from './setting-error.ts';
import { isLoopback, parseHttpUrl } from './setting-formats.ts';

/** The roles of people. The role `app` is for a product's backend, which has a token. */
const personRoles = ['viewer', 'operator'] as const;
export type PersonRole = (typeof personRoles)[number];

/** How people log in to the console by OpenID Connect. */
export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The origin at which browsers reach the gateway. The provider returns to it. */
  readonly publicUrl: URL;
  readonly scope: string;
  /** The claim of the ID token that holds the values with a role: its name, or a JSON pointer (RFC 6901) to a nested one. */
  readonly roleClaim: string;
  readonly roles: ReadonlyMap<string, PersonRole>;
  /** The claim of the ID token that names the person in the audit log and in timelines. */
  readonly nameClaim: string;
  /** The provider's name on the login page. */
  readonly label: string;
}

const MAX_LABEL_LENGTH = 40;

/**
 * Reads the settings of logins by OpenID Connect; `undefined` if none of them is set.
 *
 * @throws SettingError that names each setting that is missing or invalid
 */
export function oidcSettings(env: Environment): OidcSettings | undefined {
  const isUsed = Object.entries(env).some(([name, value]) => name.startsWith('ONWARD_OIDC_') && (value ?? '') !== '');
  if (!isUsed) return void publicUrl(env);
  const settings = readAll({
    publicUrl: () => publicUrl(env) ?? missing('ONWARD_PUBLIC_URL'),
    issuer: () => issuer(env),
    clientId: () => readVariable(env, 'ONWARD_OIDC_CLIENT_ID') ?? missing('ONWARD_OIDC_CLIENT_ID'),
    clientSecret: () => readVariable(env, 'ONWARD_OIDC_CLIENT_SECRET') ?? missing('ONWARD_OIDC_CLIENT_SECRET'),
    scope: () => scope(env),
    roleClaim: () => roleClaim(env),
    roles: () => roles(env),
    nameClaim: () => nameClaim(env),
    label: () => label(env),
  });
  return { ...settings, label: settings.label ?? settings.issuer.hostname };
}

function missing(name: string): never {
  throw settingError(name, 'is missing, although another ONWARD_OIDC_… is set');
}

function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname);
}

/** Reads the origin at which browsers reach the gateway. */
function publicUrl(env: Environment): URL | undefined {
  const text = readVariable(env, 'ONWARD_PUBLIC_URL');
  if (text === undefined) return undefined;
  const url = parseHttpUrl(text);
  if (url !== undefined && isSecure(url) && text.replace(/\/$/, '') === url.origin) return url;
  throw settingError('ONWARD_PUBLIC_URL', `must be an https origin without a path, not '${text}'`);
}

/** Reads the issuer. Its identifier has no query and no fragment (OpenID Connect Discovery 1.0). */
function issuer(env: Environment): URL {
  const text = readVariable(env, 'ONWARD_OIDC_ISSUER') ?? missing('ONWARD_OIDC_ISSUER');
  const url = parseHttpUrl(text);
  const isBare = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isBare && isSecure(url)) return url;
  throw settingError('ONWARD_OIDC_ISSUER', 'must be an https URL without credentials, a query or a fragment');
}

/** Reads the scopes. Without `openid` the provider returns no ID token. */
function scope(env: Environment): string {
  const text = readVariable(env, 'ONWARD_OIDC_SCOPE') ?? 'openid profile';
  const scopes = text.split(' ');
  if (scopes.includes('openid') && scopes.every((each) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(each))) return text;
  throw settingError(
    'ONWARD_OIDC_SCOPE',
    `must be scopes with one space between them, among them openid, not '${text}'`,
  );
}

function roleClaim(env: Environment): string {
  return claim('ONWARD_OIDC_ROLE_CLAIM', readVariable(env, 'ONWARD_OIDC_ROLE_CLAIM') ?? 'groups');
}

function nameClaim(env: Environment): string {
  return claim('ONWARD_OIDC_NAME_CLAIM', readVariable(env, 'ONWARD_OIDC_NAME_CLAIM') ?? 'preferred_username');
}

function claim(setting: string, text: string): string {
  if (/^[\x21-\x7e]{1,200}$/.test(text) && text !== '/') return text;
  throw settingError(setting, `must be the name of a claim or a JSON pointer to one, not '${text}'`);
}

/** Reads the roles by the value of the claim: `value:role`, separated by commas. A value may contain colons. */
function roles(env: Environment): ReadonlyMap<string, PersonRole> {
  const text = readVariable(env, 'ONWARD_OIDC_ROLES') ?? missing('ONWARD_OIDC_ROLES');
  const entries = readEach(text.split(','), (entry, index) => {
    const [, value = '', name = ''] = /^\s*(.+):([^:]*?)\s*$/.exec(entry) ?? [];
    const role = personRoles.find((each) => each === name);
    if (value !== '' && role !== undefined) return [value, role] as const;
    const right = `must be a value of the claim and one of the roles ${personRoles.join(', ')}`;
    throw settingError('ONWARD_OIDC_ROLES', `${right} (entry ${index + 1})`);
  });
  const values = entries.map(([value]) => value);
  const duplicate = values.find((value, index) => values.indexOf(value) !== index);
  if (duplicate !== undefined) throw settingError('ONWARD_OIDC_ROLES', `contain the value '${duplicate}' twice`);
  return new Map(entries);
}

function label(env: Environment): string | undefined {
  const text = readVariable(env, 'ONWARD_OIDC_LABEL');
  if (text === undefined || (text.length <= MAX_LABEL_LENGTH && !/[\p{C}]/u.test(text))) return text;
  throw settingError('ONWARD_OIDC_LABEL', `must have at most ${MAX_LABEL_LENGTH} printable characters`);
}
