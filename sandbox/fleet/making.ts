import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { roles } from '../../client/gateway/tokens.ts';
import type { Role } from '../../client/gateway/tokens.ts';
import type { FleetOptions, Provider } from './fleet.ts';

/** What a fleet's callers, the sender of its events and its processes hold. */
export interface Secrets {
  readonly tokens: { readonly [R in Role]: string };
  readonly webhook: string;
  /** 32 bytes in base64. */
  readonly encryption: string;
}

export function makeSecrets(): Secrets {
  const tokens = Object.fromEntries(roles.map((role) => [role, randomBytes(24).toString('hex')]));
  return {
    tokens: tokens as Secrets['tokens'],
    webhook: `whsec_${randomBytes(32).toString('base64')}`,
    encryption: randomBytes(32).toString('base64'),
  };
}

/** The variables of its processes; writes the policy file that they name. */
export async function variables(
  { folder, address, sfox, policy }: FleetOptions<Provider>,
  { tokens, webhook, encryption }: Secrets,
): Promise<Record<string, string>> {
  const policyFile = join(folder, 'policy.yml');
  await writeFile(policyFile, policy);
  return {
    TEMPORAL_ADDRESS: address,
    SFOX_BASE_URL: sfox.url,
    ENTERPRISE_API_KEY: sfox.apiKey,
    ONWARD_ENCRYPTION_KEYS: `fleet:${encryption}`,
    ONWARD_TOKENS: roles.map((role) => `${role}:fleet:${tokens[role]}`).join(' '),
    ONWARD_WEBHOOK_SECRETS: webhook,
    ONWARD_POLICY: policyFile,
    ONWARD_RATE: '100000/10s',
  };
}
