import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { roles } from '../../../workflows/journey/roles.ts';
import type { Role } from '../../../workflows/journey/roles.ts';
import type { FleetOptions, Provider } from './fleet.ts';

/** The secrets of a fleet: its callers' tokens, the webhook secret of sign-up events, and the encryption key. */
export interface FleetSecrets {
  readonly tokens: { readonly [R in Role]: string };
  readonly webhook: string;
  /** 32 bytes in base64. */
  readonly encryption: string;
}

export function generateSecrets(): FleetSecrets {
  const tokens = Object.fromEntries(roles.map((role) => [role, randomBytes(24).toString('hex')]));
  return {
    tokens: tokens as FleetSecrets['tokens'],
    webhook: `whsec_${randomBytes(32).toString('base64')}`,
    encryption: randomBytes(32).toString('base64'),
  };
}

/** Returns the environment variables of a fleet's processes, and writes the policy file that they name. */
export async function buildEnvironment(
  { folder, address, sfox, policy }: FleetOptions<Provider>,
  { tokens, webhook, encryption }: FleetSecrets,
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
