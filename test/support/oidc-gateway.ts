import { oidcSettings } from '../../client/config/oidc-settings.ts';
import { startGateway } from './gateway.ts';
import { oidcEnvironment, startForwarder, startOidcProvider } from './oidc-provider.ts';

export type OidcGateway = Awaited<ReturnType<typeof startOidcGateway>>;

/** The settings of a gateway behind a proxy, with logins at an OpenID Connect provider. */
export const oidcGatewaySettings = (publicUrl: string, issuer: string) => ({
  oidc: oidcSettings(oidcEnvironment(publicUrl, issuer)),
  trustProxy: ['127.0.0.1'],
});

/** Starts an OpenID Connect provider, a gateway that uses it, and the proxy at the gateway's public address. */
export async function startOidcGateway(options: Parameters<typeof startGateway>[0] = {}) {
  const front = await startForwarder();
  const provider = await startOidcProvider(`${front.url}/console/oidc/callback`);
  const gateway = await startGateway(options, oidcGatewaySettings(front.url, provider.issuer));
  front.forwardTo(gateway.url);
  const close = async () => {
    await gateway.close();
    await provider.close();
    await front.close();
  };
  return { front, provider, gateway, close };
}
