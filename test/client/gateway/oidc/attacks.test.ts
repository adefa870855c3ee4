import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { bearers } from '../../../support/gateway.ts';
import type { Gateway } from '../../../support/gateway.ts';
import { startOidcGateway } from '../../../support/oidc-gateway.ts';
import type { OidcGateway } from '../../../support/oidc-gateway.ts';
import { oidcClient, TestBrowser } from '../../../support/oidc-provider.ts';
import type { Forwarder, TestProvider } from '../../../support/oidc-provider.ts';

let login: OidcGateway;
let front: Forwarder;
let provider: TestProvider;
let gateway: Gateway;

beforeAll(async () => {
  login = await startOidcGateway({ withoutWorker: true });
  ({ front, provider, gateway } = login);
});
afterAll(() => login?.close());

const isLoggedIn = async (browser: TestBrowser) =>
  (await browser.request(`${front.url}/console/session`)).status === 200;

/** The response to a browser that has returned, and whether it is logged in now. */
const outcomeFor = async (browser: TestBrowser, response: Response) => ({
  status: response.status,
  location: response.headers.get('location'),
  isFailurePage: (await response.text()).includes('<h1>Login failed</h1>'),
  hasSession: browser.cookies.has('onward_session') || (await isLoggedIn(browser)),
});
const refused = (status: number) => ({ status, location: null, isFailurePage: true, hasSession: false });

const callback = () => `${front.url}/console/oidc/callback`;

describe('a returning browser', () => {
  it('is refused with a forged state, with that of another login, and without one', async () => {
    const browser = new TestBrowser();
    const back = new URL(await browser.logInAtProvider(await browser.begin(front.url), 'ada'));
    const another = new URL(await new TestBrowser().begin(front.url)).searchParams.get('state') ?? '';
    for (const state of ['forged', another, undefined]) {
      const tried = new TestBrowser();
      for (const [name, value] of browser.cookies) tried.cookies.set(name, value);
      const url = new URL(back);
      if (state === undefined) url.searchParams.delete('state');
      else url.searchParams.set('state', state);
      expect(await outcomeFor(tried, await tried.request(url.href))).toEqual(refused(400));
    }
  });

  it('is refused if the login began in another browser, so that no victim is logged in as an attacker', async () => {
    const attacker = new TestBrowser();
    const back = await attacker.logInAtProvider(await attacker.begin(front.url), 'vera');
    const victim = new TestBrowser();
    expect(await outcomeFor(victim, await victim.request(back))).toEqual(refused(400));
    // The victim has begun a login of its own.
    await victim.begin(front.url);
    expect(await outcomeFor(victim, await victim.request(back))).toEqual(refused(400));
  });

  it('is refused with a code that was used already, and with one that was made up', async () => {
    const browser = new TestBrowser();
    const back = await browser.logInAtProvider(await browser.begin(front.url), 'ada');
    const copy = new TestBrowser();
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    expect((await browser.request(back)).status).toBe(303);
    expect(await outcomeFor(copy, await copy.request(back))).toEqual(refused(400));
    const forger = new TestBrowser();
    const made = new URL(await forger.logInAtProvider(await forger.begin(front.url), 'ada'));
    made.searchParams.set('code', 'made-up-code');
    expect(await outcomeFor(forger, await forger.request(made.href))).toEqual(refused(400));
  });

  it('completes a login once', async () => {
    const browser = new TestBrowser();
    const back = await browser.logInAtProvider(await browser.begin(front.url), 'bare');
    expect((await browser.request(back)).status).toBe(403);
    expect(await outcomeFor(browser, await browser.request(back))).toEqual(refused(400));
  });

  it('is refused with the code of another browser’s login, since the PKCE verifier differs', async () => {
    const [victim, attacker] = [new TestBrowser(), new TestBrowser()];
    const stolen = new URL(await victim.logInAtProvider(await victim.begin(front.url), 'ada'));
    const own = new URL(await attacker.logInAtProvider(await attacker.begin(front.url), 'vera'));
    own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    expect(await outcomeFor(attacker, await attacker.request(own.href))).toEqual(refused(400));
  });

  it('is refused with a forged cookie, and with a session’s in its place', async () => {
    const browser = new TestBrowser();
    const back = await browser.logInAtProvider(await browser.begin(front.url), 'ada');
    const other = new TestBrowser();
    await other.logIn(front.url, 'ada');
    const session = other.cookies.get('onward_session') ?? '';
    for (const forged of ['x', session, `${(browser.cookies.get('onward_oidc') ?? '').slice(0, -2)}AA`]) {
      const tried = new TestBrowser();
      tried.cookies.set('onward_oidc', forged);
      expect(await outcomeFor(tried, await tried.request(back))).toEqual(refused(400));
    }
    const swapped = new TestBrowser();
    swapped.cookies.set('onward_session', browser.cookies.get('onward_oidc') ?? '');
    expect(await isLoggedIn(swapped)).toBe(false);
  });

  it('shows no markup of an address, and writes none of it into the log', async () => {
    const browser = new TestBrowser();
    const state = new URL(await browser.begin(front.url)).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: '<script>alert(1)</script>', state, iss: provider.issuer });
    const response = await browser.request(`${callback()}?${query.toString()}`);
    expect([response.status, (await response.text()).includes('alert(1)')]).toEqual([403, false]);
    expect(gateway.logged.join('')).not.toMatch(/alert\(1|state=/);
  });
});

describe('an ID token', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = (changes: { readonly [K in keyof JWTPayload]?: JWTPayload[K] | undefined }) => (token: string) =>
    new SignJWT({ ...decodeJwt(token), ...changes } as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: 'of-the-tests' })
      .sign(provider.keys.privateKey);
  const unsigned = async (token: string) => `${encode({ alg: 'none' })}.${token.split('.')[1]}.`;
  const byAnother = async (token: string) => {
    const { privateKey } = await generateKeyPair('RS256');
    return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', kid: 'of-the-tests' }).sign(privateKey);
  };
  const bySecret = (token: string) =>
    new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(oidcClient.secret));
  const promoted = async (token: string) => {
    const [header, , signature] = token.split('.');
    return [header, encode({ ...decodeJwt(token), groups: ['onward-operators'] }), signature].join('.');
  };

  it('that the tests sign themselves, unchanged, is accepted', async () => {
    provider.behaviour.idToken = signed({});
    const browser = new TestBrowser();
    expect((await browser.logIn(front.url, 'vera')).status).toBe(303);
    expect(await isLoggedIn(browser)).toBe(true);
  });

  it.each([
    ['with another nonce', signed({ nonce: 'of-another-login' })],
    ['without a nonce', signed({ nonce: undefined })],
    ['for another audience', signed({ aud: 'another-client' })],
    ['for several audiences and another party', signed({ aud: [oidcClient.id, 'x'], azp: 'x' })],
    ['of another issuer', signed({ iss: 'https://evil.example' })],
    ['that has expired', signed({ exp: now() - 3_600, iat: now() - 7_200 })],
    ['without an expiry', signed({ exp: undefined })],
    ['without a subject', signed({ sub: undefined })],
    ['of the algorithm none', unsigned],
    ['whose signature is missing', async (token: string) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['signed by another key under the same id', byAnother],
    ['signed with the client’s secret', bySecret],
    ['whose role was changed after it was signed', promoted],
    ['that is not a token', async () => 'nonsense'],
  ])('%s is refused', async (_, forge) => {
    provider.behaviour.idToken = forge;
    try {
      const browser = new TestBrowser();
      expect(await outcomeFor(browser, await browser.logIn(front.url, 'vera'))).toEqual(refused(502));
    } finally {
      provider.behaviour.idToken = undefined;
    }
  });
});

describe('the begin of a login', () => {
  const begin = (headers: Record<string, string>, returnTo = '/console/') =>
    new TestBrowser().request(`${front.url}/console/oidc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ returnTo }),
    });

  it('is refused to a page of another origin, and without one', async () => {
    expect((await begin({ origin: front.url })).status).toBe(200);
    expect((await begin({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await begin({})).status).toBe(403);
  });

  it.each([
    'https://evil.example/console/',
    '//evil.example/console/',
    '/\\evil.example/console/',
    '/console/../v1/journeys',
    '/console/..//evil.example',
    '/v1/journeys',
    'javascript:alert(1)//console/',
    '/console/\t/../../evil',
    '',
  ])('does not redirect to %j after the login', async (returnTo) => {
    const response = await begin({ origin: front.url }, returnTo);
    expect([response.status, response.headers.getSetCookie()]).toEqual([400, []]);
    expect(await response.json()).toMatchObject({ code: 'bad_request', field: 'returnTo' });
  });

  it('does not redirect to another host by a path that looks like one', async () => {
    const browser = new TestBrowser();
    const url = await browser.begin(front.url, '/console//evil.example?x=//evil.example');
    const response = await browser.request(await browser.logInAtProvider(url, 'ada'));
    expect(new URL(response.headers.get('location') ?? '', front.url).origin).toBe(front.url);
  });
});

it('does not continue a session that the browser had before', async () => {
  const attacker = await gateway.call('POST', '/console/session', {
    as: null,
    body: { token: bearers.viewer },
    headers: { origin: gateway.url },
  });
  const planted = /onward_session=([\w-]+)/.exec(attacker.headers.get('set-cookie') ?? '')?.[1] ?? '';
  const victim = new TestBrowser();
  victim.cookies.set('onward_session', planted);
  expect((await victim.logIn(front.url, 'ada')).status).toBe(303);
  expect(victim.cookies.get('onward_session')).not.toBe(planted);
  const knows = await gateway.call('GET', '/console/session', {
    as: null,
    headers: { cookie: `onward_session=${planted}` },
  });
  expect(knows).toMatchObject({ body: { role: 'viewer', name: 'viewer-name' } });
});

it('leaves no secret, code, token or verifier in the log or in what the browser gets', async () => {
  let idToken = '';
  provider.behaviour.idToken = async (token) => (idToken = token);
  try {
    const browser = new TestBrowser();
    const url = await browser.begin(front.url);
    const back = await browser.logInAtProvider(url, 'ada');
    const response = await browser.request(back);
    const seen = `${JSON.stringify([...response.headers])}${await response.text()}${[...browser.cookies.values()].join()}`;
    const logged = gateway.logged.join('');
    expect(logged).toContain('logged in by OpenID Connect');
    expect(idToken).toMatch(/^ey/);
    const code = new URL(back).searchParams.get('code') ?? 'none';
    for (const secret of [oidcClient.secret, code, idToken, idToken.split('.')[1] ?? '']) {
      expect(logged.includes(secret)).toBe(false);
      expect(seen.includes(secret)).toBe(false);
    }
    expect(logged).not.toContain(new URL(url).searchParams.get('state'));
  } finally {
    provider.behaviour.idToken = undefined;
  }
});
