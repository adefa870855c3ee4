import * as oidc from 'openid-client';
import type { OidcSettings } from '../../config/oidc-settings.ts';
import type { LoginAttempt } from './login-attempts.ts';

/** The deadline of each request to the provider, in seconds. */
const REQUEST_TIMEOUT_S = 5;

/** A client of the OpenID Connect provider. */
export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #redirectUri: string;
  readonly #timeout: number;
  #discovery: Promise<oidc.Configuration> | undefined;

  /**
   * @param redirectUri the address of the callback
   * @param timeout the deadline of each request, in seconds
   */
  constructor(settings: OidcSettings, redirectUri: string, timeout = REQUEST_TIMEOUT_S) {
    this.#settings = settings;
    this.#redirectUri = redirectUri;
    this.#timeout = timeout;
  }

  /** Reads the configuration of the provider, once. After a failure the next call tries again. */
  async discover(): Promise<oidc.Configuration> {
    this.#discovery ??= this.#readConfiguration();
    const discovery = this.#discovery;
    try {
      return await discovery;
    } catch (error) {
      if (this.#discovery === discovery) this.#discovery = undefined;
      throw error;
    }
  }

  /** Begins the authorization code flow with PKCE. Returns the URL for the browser, and what the callback must match. */
  async begin(): Promise<{ readonly url: URL; readonly expected: Omit<LoginAttempt, 'expiresAt' | 'returnTo'> }> {
    const config = await this.discover();
    const expected = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: this.#redirectUri,
      scope: this.#settings.scope,
      state: expected.state,
      nonce: expected.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(expected.verifier),
      code_challenge_method: 'S256',
    });
    return { url, expected };
  }

  /**
   * Exchanges the code of the callback for an ID token, and validates its signature, issuer, audience, nonce and times. The other
   * tokens of the provider are dropped.
   *
   * @param query the query of the callback
   */
  async finish(query: string, { state, nonce, verifier }: LoginAttempt): Promise<oidc.IDToken> {
    const config = await this.discover();
    const tokens = await oidc.authorizationCodeGrant(config, new URL(`${this.#redirectUri}${query}`), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('the provider returned no ID token');
    return claims;
  }

  async #readConfiguration(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    // Without non-repudiation checks the library leaves the signature of an ID token unchecked, since TLS authenticates the provider.
    const execute = [oidc.enableNonRepudiationChecks];
    // The settings allow http only on loopback.
    if (issuer.protocol === 'http:') execute.push(oidc.allowInsecureRequests);
    return oidc.discovery(issuer, clientId, {}, authenticateClient(clientSecret), { execute, timeout: this.#timeout });
  }
}

/** HTTP Basic is the default of OpenID Connect; a provider may support only the secret in the body. */
function authenticateClient(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, ...request) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...request);
  };
}
