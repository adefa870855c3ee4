import { startProcess } from '../system/fleet/process.ts';
import type { FleetProcess } from '../system/fleet/process.ts';
import { keys } from './stack.ts';

/** Starts `npm run worker`'s own process, and waits until it polls. */
export function startWorkerProcess(
  provider: { url: string; apiKey: string },
  address = '',
  more: Readonly<Record<string, string>> = {},
): Promise<FleetProcess> {
  const [{ id, key }] = keys;
  return startProcess('worker', {
    TEMPORAL_ADDRESS: address === '' ? (process.env['TEST_TEMPORAL_ADDRESS'] ?? '') : address,
    SFOX_BASE_URL: provider.url,
    ENTERPRISE_API_KEY: provider.apiKey,
    ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
    ...more,
  });
}
