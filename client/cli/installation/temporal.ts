import type { Client } from '@temporalio/client';
import { encryptionKeys, temporalSettings } from '../../config/env.ts';
import { readAll } from '../../config/setting-error.ts';
import type { CliContext } from '../context.ts';
import { temporalEnvironment } from '../gateway.ts';

/** Returns the Temporal connection settings and the encryption keys. Throws `SettingError`. */
export function temporalAccess(context: CliContext) {
  const env = temporalEnvironment(context.env);
  return readAll({ keys: () => encryptionKeys(env), temporal: () => temporalSettings(env) });
}

/** Creates a client of the Temporal server of this environment. The caller closes its connection. Throws `SettingError`. */
export async function openClient(context: CliContext): Promise<Client> {
  const { keys, temporal } = temporalAccess(context);
  const { connectLater } = await import('../../temporal/connect.ts');
  return connectLater(temporal, keys);
}
