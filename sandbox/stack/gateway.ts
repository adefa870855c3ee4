import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';
import { createGateway } from '../../client/gateway/app.ts';
import { openAuditLog } from '../../client/gateway/audit/audit-log.ts';
import { createReadinessCheck } from '../../client/gateway/plugins/readiness.ts';
import { tokens as readTokens, workflowsUrl } from '../../client/gateway/config.ts';
import { receiptKeys } from '../../client/config/receipt-keys.ts';
import { LoginLinks } from '../../client/gateway/sessions/login-links.ts';
import { logOptions } from '../../client/telemetry/logging.ts';
import type { Onward } from '../../client/onward.ts';
import { saveGenerated } from './generated-secrets.ts';
import type { GeneratedSecrets } from './generated-secrets.ts';
import { reusePort } from './ports.ts';
import { writePrivately } from './private-folder.ts';
import type { GatewayOptions, StackOptions } from './options.ts';
import type { Cleanup } from '../process/cleanup.ts';

interface GatewayDependencies {
  readonly onward: Onward;
  readonly client: Client;
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly made: GeneratedSecrets;
  readonly uiAddress: string | null;
}

interface RunningGateway {
  readonly address: string;
  readonly loginLink: string | null;
}

const DEFAULT_PORT = 8080;

/**
 * Starts the gateway of a stack, and writes the file that the CLI reads to find it.
 *
 * @returns its address, and a link that logs an operator in once; `null` if the options have no gateway
 */
export async function startGateway(
  { folder, settings, gateway }: StackOptions,
  { onward, client, keys, made, uiAddress }: GatewayDependencies,
  cleanup: Cleanup,
): Promise<RunningGateway | null> {
  if (gateway === undefined) return null;
  const tokens = gateway.tokens ?? readTokens({ ONWARD_TOKENS: made.tokens });
  const loginLinks = new LoginLinks();
  const app = await createGateway({
    onward,
    tokens,
    loginLinks,
    webhookSecrets: gateway.webhookSecrets ?? (made.webhookSecret === undefined ? [] : [made.webhookSecret]),
    receiptKeys: gateway.receiptKeys ?? receiptKeys({ ONWARD_RECEIPT_KEYS: made.receiptKey }),
    oidc: gateway.oidc,
    eventRules: settings.events,
    userIds: settings.userIds,
    journeyLife: settings.policy.journeyLife,
    rate: gateway.rate,
    trustProxy: gateway.trustProxy,
    environment: gateway.environment,
    isReady: createReadinessCheck(client),
    encryptionKeys: keys,
    rates: settings.rates,
    temporalUi: uiAddress === null ? undefined : workflowsUrl(uiAddress, client.options.namespace),
    codecOrigins: [...gateway.codecOrigins, ...(uiAddress === null ? [] : [new URL(uiAddress).origin])],
    logger: pino(logOptions('onward', gateway.logLevel)),
    auditLog: await openAuditLog('onward', join(folder, 'audit.log')),
  });
  cleanup.add(() => app.close());
  const { host } = gateway;
  const port = gateway.port ?? (await reusePort(made.ports.gateway ?? DEFAULT_PORT)) ?? 0;
  const address = await app.listen({ host, port });
  await saveGenerated(folder, { ...made, ports: { ...made.ports, gateway: Number(new URL(address).port) } });
  const file = join(folder, 'gateway.json');
  await writePrivately(file, JSON.stringify({ url: address, tokens: tokensByRole(gateway, made) }));
  cleanup.add(() => rm(file, { force: true }));
  const operator = tokens.find(({ role }) => role === 'operator');
  return { address, loginLink: operator === undefined ? null : `${address}${loginLinks.create(operator)}` };
}

/** Returns the generated tokens by role. Tokens from the environment are not written to a file. */
function tokensByRole({ tokens }: GatewayOptions, made: GeneratedSecrets): Record<string, string> {
  if (tokens !== undefined || made.tokens === undefined) return {};
  return Object.fromEntries(made.tokens.split(' ').map((each) => [each.split(':')[0], each.split(':')[2]]));
}
