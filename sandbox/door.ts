import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import type { EncryptionKey } from '../client/encryption.ts';
import type { LogLevel } from '../client/environment.ts';
import { createGateway } from '../client/gateway/app.ts';
import { readiness } from '../client/gateway/readiness.ts';
import { tokens as readTokens, workflowsAt } from '../client/gateway/settings.ts';
import type { Rate } from '../client/gateway/settings.ts';
import type { Token } from '../client/gateway/tokens.ts';
import { logOptions } from '../client/logs.ts';
import type { Onward } from '../client/onward.ts';
import { keepMade } from './made.ts';
import type { Made } from './made.ts';
import { portAgain } from './ports.ts';
import type { StackOptions } from './stack.ts';
import type { Undo } from './undo.ts';

export interface DoorOptions {
  readonly host: string;
  /** Without one: 8080, or any that is free. */
  readonly port?: number | undefined;
  /** Without them, those that the sandbox made. */
  readonly tokens?: readonly Token[] | undefined;
  readonly webhookSecrets?: readonly string[] | undefined;
  readonly rate: Rate;
  readonly trustProxy: boolean;
  readonly codecOrigins: readonly string[];
  readonly logLevel: LogLevel;
}

interface Behind {
  readonly onward: Onward;
  readonly client: Client;
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly made: Made;
  readonly uiAddress: string | null;
}

const USUAL_PORT = 8080;

/**
 * Opens the gateway on a stack, and leaves in its folder what the command line needs to find it.
 *
 * @returns its address; `null` where none was asked for
 */
export async function openDoor(
  { folder, settings, gateway }: StackOptions,
  { onward, client, keys, made, uiAddress }: Behind,
  undo: Undo,
): Promise<string | null> {
  if (gateway === undefined) return null;
  const app = await createGateway({
    onward,
    tokens: gateway.tokens ?? readTokens({ ONWARD_TOKENS: made.tokens }),
    webhookSecrets: gateway.webhookSecrets ?? (made.webhookSecret === undefined ? [] : [made.webhookSecret]),
    eventRules: settings.events,
    journeyLife: settings.policy.journeyLife,
    rate: gateway.rate,
    trustProxy: gateway.trustProxy,
    isReady: readiness(client),
    encryptionKeys: keys,
    rates: settings.rates,
    temporalUi: uiAddress === null ? undefined : workflowsAt(uiAddress, client.options.namespace),
    codecOrigins: [...gateway.codecOrigins, ...(uiAddress === null ? [] : [new URL(uiAddress).origin])],
    logger: pino(logOptions('onward', gateway.logLevel)),
    auditLog: pino(logOptions('onward', 'info'), pino.destination({ dest: join(folder, 'audit.log'), mode: 0o600 })),
  });
  undo.add(() => app.close());
  const { host } = gateway;
  const port = gateway.port ?? (await portAgain(made.ports.gateway ?? USUAL_PORT)) ?? 0;
  const address = await app.listen({ host, port });
  await keepMade(folder, { ...made, ports: { ...made.ports, gateway: Number(new URL(address).port) } });
  const file = join(folder, 'door.json');
  await writeFile(file, JSON.stringify({ url: address, tokens: tokensByRole(gateway, made) }), { mode: 0o600 });
  undo.add(() => rm(file, { force: true }));
  return address;
}

/** Tokens that were given are written down nowhere. */
function tokensByRole({ tokens }: DoorOptions, made: Made): Record<string, string> {
  if (tokens !== undefined || made.tokens === undefined) return {};
  return Object.fromEntries(made.tokens.split(' ').map((each) => [each.split(':')[0], each.split(':')[2]]));
}
