import type { Secrets } from '../fleet/making.ts';
import type { Mail } from '../sfox/index.ts';
import type { Secret } from './search.ts';

/** What must stand nowhere: keys, tokens, every code, and where codes were sent to. */
export function secretsOf({
  apiKey,
  tokens,
  webhook,
  encryption,
  mails,
}: Secrets & { readonly apiKey: string; readonly mails: readonly Mail[] }): Secret[] {
  const ofPeople = mails.flatMap(({ userId, channel, to, code }) => [
    { name: `a code of ${userId} by ${channel}`, value: code },
    { name: `the address of ${userId} by ${channel}`, value: to },
  ]);
  return [
    { name: 'the provider’s key', value: apiKey },
    ...Object.entries(tokens).map(([role, value]) => ({ name: `the token of the ${role}`, value })),
    { name: 'the secret of the events', value: webhook.replace('whsec_', '') },
    { name: 'the encryption key', value: encryption },
    ...ofPeople,
  ];
}
