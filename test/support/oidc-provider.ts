import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

export const oidcClient = { id: 'onward', secret: 'secret-of-the-oidc-client' } as const;

/** The people that the provider knows, by subject: their claims. The name that they enter at the login is the subject. */
const people: Readonly<Record<string, Record<string, unknown>>> = {
  ada: { preferred_username: 'ada', groups: ['employees', 'onward-operators'] },
  vera: { preferred_username: 'vera', groups: ['onward-viewers'] },
  both: { preferred_username: 'both', groups: ['onward-viewers', 'onward-operators'] },
  'sub-7': { preferred_username: 'eve@example.com', groups: 'onward-viewers' },
  'mia@example.com': { preferred_username: 'mia@example.com', groups: ['onward-viewers'] },
  bare: { preferred_username: 'bare' },
  other: { preferred_username: 'other', groups: ['onward-owners', '<b>', 7] },
  twin: { preferred_username: 'Operator-Name', groups: ['onward-viewers'] },
};

/** A TCP port in front of a server that starts later, like a reverse proxy. Until then it closes every connection. */
export async function startForwarder() {
  let target: string | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    if (target === undefined) return void socket.destroy();
    const { hostname, port } = new URL(target);
    const upstream = connect(Number(port), hostname).on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** Open connections, which clients keep alive, lead to the former server, so they end. */
    forwardTo: (url: string) => {
      target = url;
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Forwarder = Awaited<ReturnType<typeof startForwarder>>;

const LOGIN_PAGE = `<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,">
<form method="post"><label>Name <input name="login"></label><button>Continue</button></form></html>`;

/** The provider's login page. It accepts every name. */
async function askLogin(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') return void response.setHeader('content-type', 'text/html').end(LOGIN_PAGE);
  const accountId = new URLSearchParams(await text(request)).get('login') ?? '';
  return provider.interactionFinished(request, response, { login: { accountId } });
}

/** Spares people the provider's question of consent. */
const consentToAll: NonNullable<Configuration['loadExistingGrant']> = async ({ oidc }) => {
  const grant = new oidc.provider.Grant({
    accountId: oidc.session?.accountId ?? '',
    clientId: oidc.client?.clientId ?? '',
  });
  grant.addOIDCScope('openid profile groups');
  await grant.save();
  return grant;
};

/** What a test changes at the provider. */
interface Behaviour {
  /** Replaces the ID token that the provider returns, as a forger would. */
  idToken: ((token: string) => Promise<string>) | undefined;
  /** Whether the token endpoint never responds. */
  isSilent: boolean;
}

/**
 * Starts a real provider of OpenID Connect on a loopback port, with one client and a login page.
 *
 * @param redirectUri where it may send browsers back to
 * @param issuer its address; default: `localhost`, which is another site than `127.0.0.1`
 */
export async function startOidcProvider(redirectUri: string, issuer?: string) {
  const keys = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(keys.privateKey)), kid: 'of-the-tests', alg: 'RS256', use: 'sig' };
  const server = createHttpServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const address = issuer ?? `http://localhost:${port}`;
  const provider = new Provider(address, {
    clients: [
      {
        client_id: oidcClient.id,
        client_secret: oidcClient.secret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: false,
    findAccount: (_context, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
    cookies: { keys: ['of the tests'] },
    jwks: { keys: [jwk] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: consentToAll,
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
  const behaviour: Behaviour = { idToken: undefined, isSilent: false };
  provider.use(async (context, next) => {
    if (context.path === '/token' && behaviour.isSilent) await new Promise(() => {});
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (context.path === '/token' && behaviour.idToken !== undefined && body?.id_token !== undefined) {
      context.body = { ...body, id_token: await behaviour.idToken(body.id_token) };
    }
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') === true) void askLogin(provider, request, response);
    else void callback(request, response);
  });
  return {
    issuer: address,
    /** Where it listens. */
    url: `http://127.0.0.1:${port}`,
    keys,
    behaviour,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export type TestProvider = Awaited<ReturnType<typeof startOidcProvider>>;

/** The settings of a gateway whose public address and provider these are. */
export const oidcEnvironment = (publicUrl: string, issuer: string) => ({
  ONWARD_PUBLIC_URL: publicUrl,
  ONWARD_OIDC_ISSUER: issuer,
  ONWARD_OIDC_CLIENT_ID: oidcClient.id,
  ONWARD_OIDC_CLIENT_SECRET: oidcClient.secret,
  ONWARD_OIDC_SCOPE: 'openid profile groups',
  ONWARD_OIDC_ROLES: 'onward-operators:operator,onward-viewers:viewer',
  ONWARD_OIDC_LABEL: 'Example SSO',
});

let browsers = 0;

/**
 * A browser without scripts: it keeps cookies, as browsers do for all ports of a host, and follows redirects on request.
 * Each has an address of its own for a gateway that trusts its proxy, since the logins of one address are limited.
 */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  readonly #address = `198.51.100.${(browsers += 1) % 250}`;

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), cookie, 'x-forwarded-for': this.#address };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Begins a login at a gateway's public address, and returns the address at the provider. */
  async begin(gateway: string, returnTo = '/console/people?state=done'): Promise<string> {
    const response = await this.request(`${gateway}/console/oidc`, {
      method: 'POST',
      headers: { origin: gateway, 'content-type': 'application/json' },
      body: JSON.stringify({ returnTo }),
    });
    const body = (await response.json()) as { url: string };
    if (response.status !== 200) throw new Error(`the login did not begin: ${JSON.stringify(body)}`);
    return body.url;
  }

  /** Logs in at the provider, and returns the address of the gateway that the provider leads back to. */
  async logInAtProvider(url: string, login: string): Promise<string> {
    let address = url;
    for (let step = 0; step < 12; step += 1) {
      const isForm = new URL(address).pathname.startsWith('/interaction/');
      const form = isForm ? { method: 'POST', body: new URLSearchParams({ login }) } : {};
      // oxlint-disable-next-line no-await-in-loop -- each redirect follows from the one before
      const response = await this.request(address, form);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`the provider answered ${response.status}`);
      address = new URL(location, address).href;
      if (new URL(address).pathname === '/console/oidc/callback') return address;
    }
    throw new Error('the provider does not lead back');
  }

  /** Logs in by OpenID Connect, and returns the gateway's reply to the returning browser. */
  async logIn(gateway: string, login: string): Promise<Response> {
    return this.request(await this.logInAtProvider(await this.begin(gateway), login));
  }
}
