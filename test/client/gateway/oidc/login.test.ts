import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { oidcSettings } from '../../../../client/config/oidc-settings.ts';
import { Onward } from '../../../../client/onward.ts';
import { decodeJwt, SignJWT } from 'jose';
import { openGateway } from '../../../support/gateway.ts';
import type { Gateway } from '../../../support/gateway.ts';
import { oidcGatewaySettings, startOidcGateway } from '../../../support/oidc-gateway.ts';
import type { OidcGateway } from '../../../support/oidc-gateway.ts';
import {
  oidcClient,
  oidcEnvironment,
  startForwarder,
  startOidcProvider,
  TestBrowser,
} from '../../../support/oidc-provider.ts';
import type { Forwarder, TestProvider } from '../../../support/oidc-provider.ts';
import { startSilentServer } from '../../../support/silent-server.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../../support/stack.ts';

let login: OidcGateway;
let front: Forwarder;
let provider: TestProvider;
let gateway: Gateway;
const settingsFor = (issuer: string) => oidcGatewaySettings(front.url, issuer);

beforeAll(async () => {
  login = await startOidcGateway();
  ({ front, provider, gateway } = login);
});
afterAll(() => login?.close());

const principal = async (browser: TestBrowser, at = front.url) => {
  const response = await browser.request(`${at}/console/session`);
  return response.status === 200 ? ((await response.json()) as object) : response.status;
};

describe('a login by OpenID Connect', () => {
  it('starts a session with the role of the claim, and returns to the page where it began', async () => {
    expect(await gateway.call('GET', '/console/oidc', { as: null })).toMatchObject({ body: { name: 'Example SSO' } });
    const browser = new TestBrowser();
    const response = await browser.logIn(front.url, 'ada');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/console/people?state=done']);
    const session = response.headers.getSetCookie().find((line) => line.startsWith('onward_session='));
    expect(session).toMatch(/^onward_session=[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await principal(browser)).toMatchObject({ role: 'operator', name: 'ada' });
  });

  it('sends the provider a state, a nonce and a PKCE challenge, and neither a secret nor the verifier', async () => {
    const browser = new TestBrowser();
    const { origin, searchParams } = new URL(await browser.begin(front.url));
    expect(origin).toBe(provider.issuer);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: oidcClient.id,
      response_type: 'code',
      scope: 'openid profile groups',
      redirect_uri: `${front.url}/console/oidc/callback`,
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const sealed = browser.cookies.get('onward_oidc') ?? '';
    expect(sealed).toMatch(/^[\w-]{100,}$/);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(searchParams.get('state'));
  });

  it.each([
    ['vera', { role: 'viewer', name: 'vera' }],
    ['both', { role: 'operator', name: 'both' }],
    // A name that is an address is never shown.
    ['sub-7', { role: 'viewer', name: 'sub-7' }],
    ['mia@example.com', { role: 'viewer', name: expect.stringMatching(/^person-[0-9a-f]{12}$/) }],
  ])('of %s is that of %j', async (login, expected) => {
    const browser = new TestBrowser();
    expect((await browser.logIn(front.url, login)).status).toBe(303);
    expect(await principal(browser)).toMatchObject(expected);
    expect(gateway.logged.join('')).not.toMatch(/@example\.com/);
  });

  it('of a person without a role shows what is missing', async () => {
    const pageFor = async (login: string) => {
      const browser = new TestBrowser();
      const response = await browser.logIn(front.url, login);
      expect([response.status, browser.cookies.has('onward_session')]).toEqual([403, false]);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
      return response.text();
    };
    const page = await pageFor('bare');
    expect(page).toContain('The ID token has no claim &#39;groups&#39;');
    const links = [...page.matchAll(/href="(\/console\/[^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(4);
    const responses = await Promise.all(links.map((link) => fetch(`${gateway.url}${link}`)));
    expect(responses.filter(({ ok }) => !ok).map(({ url }) => url)).toEqual([]);
    expect(await pageFor('other')).toContain('a role here: &#39;onward-operators&#39;, &#39;onward-viewers&#39;');
    expect(await pageFor('twin')).toContain('Your name, Operator-Name, is that of a token.');
  });

  it('of a person who refuses at the provider shows its error', async () => {
    const browser = new TestBrowser();
    const state = new URL(await browser.begin(front.url)).searchParams.get('state');
    const query = new URLSearchParams({ error: 'access_denied', state: state ?? '', iss: provider.issuer });
    const response = await browser.request(`${front.url}/console/oidc/callback?${query.toString()}`);
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('access_denied')]);
  });

  it('names the person in the audit log and in the timeline, with a pseudonym in the log', async () => {
    const userId = uniqueUserId('named');
    await gateway.stack.onward.start(userId, { accountType: 'individual' });
    await waitForPosition(gateway.stack, userId, 'emailPending.awaitingCode');
    const browser = new TestBrowser();
    await browser.logIn(front.url, 'ada');
    const pause = await browser.request(`${front.url}/v1/users/${userId}/onboarding/pause`, {
      method: 'POST',
      headers: { origin: front.url, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'asked by phone' }),
    });
    expect(pause.status).toBe(202);
    const { body } = await gateway.call('GET', `/v1/users/${userId}/onboarding/timeline`, { as: 'viewer' });
    expect(body.items).toContainEqual(expect.objectContaining({ by: 'operator ada', reason: 'asked by phone' }));
    const audited = gateway.logged.map((line) => JSON.parse(line)).filter(({ subject }) => subject === userId);
    const by = { role: 'operator', name: 'ada', personId: expect.stringMatching(/^[0-9a-f]{32}$/) };
    expect(audited.map((line) => line.by)).toEqual([by, by]);
  });
});

describe('the session of a person', () => {
  it('is valid at every gateway, and ends at all of them with its event streams by a logout', async () => {
    const other = await openGateway(gateway.stack, {
      ...settingsFor(provider.issuer),
      onward: new Onward(gateway.stack),
    });
    try {
      const browser = new TestBrowser();
      await browser.logIn(front.url, 'vera');
      expect(await principal(browser, other.url)).toMatchObject({ name: 'vera' });
      const stream = await browser.request(`${other.url}/v1/dashboard`, { headers: { accept: 'text/event-stream' } });
      const copy = new TestBrowser();
      for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
      await browser.request(`${front.url}/console/session`, { method: 'DELETE', headers: { origin: front.url } });
      expect(typeof (await stream.text())).toBe('string');
      expect(await principal(copy)).toBe(401);
      await waitUntil(async () => (await principal(copy, other.url)) === 401, 'the other gateway refuses it as well');
    } finally {
      await other.close();
    }
  });

  it('ends with the ID token, and its event streams with it', async () => {
    provider.behaviour.idToken = (token) =>
      new SignJWT({ ...decodeJwt(token), exp: Math.floor(Date.now() / 1_000) + 6 })
        .setProtectedHeader({ alg: 'RS256', kid: 'of-the-tests' })
        .sign(provider.keys.privateKey);
    try {
      const browser = new TestBrowser();
      const response = await browser.logIn(front.url, 'vera');
      expect(response.headers.getSetCookie().join()).toMatch(/onward_session=[\w-]+; Max-Age=[1-6];/);
      const headers = { accept: 'text/event-stream' };
      const stream = await browser.request(`${front.url}/v1/dashboard`, { headers });
      expect(stream.status).toBe(200);
      expect(typeof (await stream.text())).toBe('string');
      expect(await principal(browser)).toBe(401);
    } finally {
      provider.behaviour.idToken = undefined;
    }
  });

  it('ends when the settings that gave it its role change', async () => {
    const browser = new TestBrowser();
    await browser.logIn(front.url, 'ada');
    const env = { ...oidcEnvironment(front.url, provider.issuer), ONWARD_OIDC_ROLES: 'onward-operators:viewer' };
    for (const oidc of [oidcSettings(env), undefined]) {
      const changed = await openGateway(gateway.stack, { oidc });
      expect(await principal(browser, changed.url)).toBe(401);
      await changed.close();
    }
  });
});

describe('a provider that is away', () => {
  it('at the start is logged and does not stop the gateway or tokens, and is tried again at the next login', async () => {
    const late = await startForwarder();
    const issuer = `http://localhost:${late.port}`;
    const own = await openGateway(gateway.stack, settingsFor(issuer));
    front.forwardTo(own.url);
    const real = await startOidcProvider(`${front.url}/console/oidc/callback`, issuer);
    try {
      await waitUntil(async () => own.logged.join('').includes('cannot be read'), 'the start is logged');
      const begin = await own.call('POST', '/console/oidc', {
        as: null,
        headers: { origin: front.url },
        body: { returnTo: '/console/' },
      });
      // The page is that of the public address; this request has another Host.
      expect(begin.status).toBe(403);
      await expect(new TestBrowser().begin(front.url)).rejects.toThrow('The provider does not respond.');
      expect(await own.call('GET', '/v1/journeys', { as: 'viewer' })).toMatchObject({ status: 200 });
      late.forwardTo(real.url);
      expect((await new TestBrowser().logIn(front.url, 'ada')).status).toBe(303);
    } finally {
      front.forwardTo(gateway.url);
      await own.close();
      await real.close();
      await late.close();
    }
  });

  it('without ever responding is given up', async () => {
    const silent = await startSilentServer();
    const own = await openGateway(gateway.stack, settingsFor(`http://${silent.address}`));
    front.forwardTo(own.url);
    try {
      await expect(new TestBrowser().begin(front.url)).rejects.toThrow('The provider does not respond.');
    } finally {
      front.forwardTo(gateway.url);
      await own.close();
      await silent.close();
    }
  });

  it('after it returned the browser is given up as well, with a page that explains it', async () => {
    const browser = new TestBrowser();
    const back = await browser.logInAtProvider(await browser.begin(front.url), 'ada');
    provider.behaviour.isSilent = true;
    try {
      const response = await browser.request(back);
      expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('does not respond')]);
    } finally {
      provider.behaviour.isSilent = false;
    }
  });
});
