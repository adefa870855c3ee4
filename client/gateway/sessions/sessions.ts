import { createHash, randomBytes } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EncryptionKey } from '../../temporal/encryption-codec.ts';
import type { OidcSettings } from '../../config/oidc-settings.ts';
import { isLoopback } from '../../config/setting-formats.ts';
import { findTokenByDigest } from '../plugins/tokens.ts';
import type { Holder, Token } from '../plugins/tokens.ts';
import type { Person } from '../oidc/person.ts';
import { CookieCipher } from './cookie-cipher.ts';

/** With this prefix, a browser accepts a cookie only from its own host and over https (RFC 6265bis). */
export const HOST_PREFIX = '__Host-';
export const SESSION_COOKIE = 'onward_session';
/** The longest life of a session, in seconds. */
export const SESSION_TTL_SECONDS = 12 * 3_600;

const ID_BYTES = 16;

export interface Session {
  readonly id: string;
  readonly holder: Holder;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Whether a request was made to this machine itself, where no network can read it. */
const isLocal = ({ hostname }: Pick<FastifyRequest, 'hostname'>) => isLoopback(hostname);

/** The name and attributes of a cookie for the host that a request was made to. Loopback has no https. */
export function cookieFor(
  request: Pick<FastifyRequest, 'hostname'>,
  bareName: string = SESSION_COOKIE,
  sameSite: 'strict' | 'lax' = 'strict',
): { readonly name: string; readonly attributes: CookieSerializeOptions } {
  const secure = !isLocal(request);
  return {
    name: secure ? `${HOST_PREFIX}${bareName}` : bareName,
    attributes: { path: '/', httpOnly: true, sameSite, secure },
  };
}

/** Whether an origin is the gateway's own: scheme, host and port. The scheme may be http only on loopback. */
export function isOwnOrigin(origin: string, request: Pick<FastifyRequest, 'host' | 'hostname'>): boolean {
  return origin === `https://${request.host}` || (isLocal(request) && origin === `http://${request.host}`);
}

/** The content of a cookie: when the session ends, and the digest of a token or a person. */
const Content = z.object({ id: z.string(), expiresAt: z.number() }).and(
  z.union([
    z.object({ token: z.base64url() }),
    z.object({
      person: z.object({ role: z.enum(['viewer', 'operator']), name: z.string(), personId: z.string() }),
      settings: z.string(),
    }),
  ]),
);

/**
 * Sessions that no gateway stores: a cookie holds an id, an expiry time and who has logged in, sealed under a key that is derived
 * from the encryption keys. Every gateway can open it. Removing a token ends its sessions, and a change of the settings of OpenID
 * Connect ends the sessions of people; `EndedSessions` holds those that were ended by a logout.
 */
export class Sessions {
  readonly #cipher: CookieCipher;
  readonly #tokens: readonly Token[];
  readonly #settings: string | undefined;

  /** @param keys newest first */
  constructor(keys: readonly EncryptionKey[], tokens: readonly Token[], oidc?: OidcSettings) {
    this.#cipher = new CookieCipher(keys, 'onward session');
    this.#tokens = tokens;
    this.#settings = oidc && digestOfSettings(oidc);
  }

  /** Creates the session of a token's holder, and returns the cookie's value. */
  open({ digest }: Token, now = Date.now()): string {
    return this.#seal({ token: digest.toString('base64url') }, now + SESSION_TTL_SECONDS * 1_000);
  }

  /**
   * Creates the session of a person, and returns the cookie's value.
   *
   * @param expiresAt milliseconds since the epoch, at most the longest life of a session from now
   */
  openForPerson(person: Person, expiresAt: number): string {
    return this.#seal({ person, settings: this.#settings }, expiresAt);
  }

  #seal(holder: object, expiresAt: number): string {
    return this.#cipher.seal({ id: randomBytes(ID_BYTES).toString('hex'), expiresAt, ...holder });
  }

  /** Reads a cookie's value; `undefined` if it has expired, was forged, or its holder is not known any more. */
  read(value: string, now = Date.now()): Session | undefined {
    const { data } = Content.safeParse(this.#cipher.open(value));
    if (data === undefined || data.expiresAt <= now) return undefined;
    const holder =
      'token' in data ? findTokenByDigest(Buffer.from(data.token, 'base64url'), this.#tokens) : data.person;
    if ('settings' in data && (data.settings !== this.#settings || this.isTokenName(data.person.name)))
      return undefined;
    return holder && { id: data.id, holder, expiresAt: data.expiresAt };
  }

  /** Whether a token has this name. In a log, a person of the same name would look like its holder. */
  isTokenName(name: string): boolean {
    return this.#tokens.some((token) => token.name.toLowerCase() === name.toLowerCase());
  }

  /** Reads the session of a request from its cookie. It may have been ended by a logout. */
  ofRequest(request: Pick<FastifyRequest, 'cookies' | 'hostname'>): Session | undefined {
    const value = request.cookies[cookieFor(request).name];
    return value === undefined ? undefined : this.read(value);
  }
}

/** A digest of the settings that decide who a person is, and with which role. */
function digestOfSettings({ issuer, clientId, roleClaim, roles, nameClaim }: OidcSettings): string {
  const deciding = JSON.stringify([issuer.href, clientId, roleClaim, [...roles], nameClaim]);
  return createHash('sha256').update(deciding).digest('base64url');
}
