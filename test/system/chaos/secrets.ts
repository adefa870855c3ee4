import type { FleetSecrets } from '../fleet/environment.ts';
import type { Mail } from '../../../sandbox/sfox/index.ts';
import type { Secret } from './search-secrets.ts';

/** The values that must not be stored or logged: keys, tokens, codes, and the addresses that codes were sent to. */
export function secretsOf({
  apiKey,
  tokens,
  webhook,
  encryption,
  mails,
}: FleetSecrets & { readonly apiKey: string; readonly mails: readonly Mail[] }): Secret[] {
  const ofUsers = mails.flatMap(({ userId, channel, to, code }) => [
    { name: `a code of ${userId} by ${channel}`, value: code },
    { name: `the address of ${userId} by ${channel}`, value: to },
  ]);
  return [
    { name: 'the provider’s key', value: apiKey },
    ...Object.entries(tokens).map(([role, value]) => ({ name: `the token of the ${role}`, value })),
    { name: 'the webhook secret', value: webhook.replace('whsec_', '') },
    { name: 'the encryption key', value: encryption },
    ...ofUsers,
  ];
}
