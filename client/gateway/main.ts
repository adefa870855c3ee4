import { pino } from 'pino';
import { connectLater } from '../temporal/connect.ts';
import {
  encryptionKeys,
  host,
  logLevel,
  policySettings,
  port,
  readVariable,
  statusReceiver,
  temporalSettings,
  traceEndpoint,
} from '../config/env.ts';
import type { Environment } from '../config/env.ts';
import { deploymentEnvironment } from '../config/deployment-environment.ts';
import { oidcSettings } from '../config/oidc-settings.ts';
import { providerId } from '../config/provider-settings.ts';
import { receiptKeys } from '../config/receipt-keys.ts';
import { logOptions } from '../telemetry/logging.ts';
import { Onward } from '../onward.ts';
import { readAll, SettingError } from '../config/setting-error.ts';
import { startTracing } from '../telemetry/otel.ts';
import { createGateway } from './app.ts';
import { openAuditLog } from './audit/audit-log.ts';
import { createReadinessCheck } from './plugins/readiness.ts';
import { codecOrigins, rate, temporalUi, tokens, webhookSecrets, workflowsUrl } from './config.ts';
import { trustedProxies } from './trusted-proxies.ts';

const SERVICE = 'onward-gateway';

/** Reads all settings. Throws `SettingError`, which names every invalid one. */
function readConfig(env: Environment) {
  return readAll({
    keys: () => encryptionKeys(env),
    provider: () => providerId(env),
    temporal: () => temporalSettings(env),
    settings: () => policySettings(env),
    level: () => logLevel(env),
    auditFile: () => readVariable(env, 'ONWARD_AUDIT_LOG'),
    tokens: () => tokens(env),
    webhookSecrets: () => webhookSecrets(env),
    receiptKeys: () => receiptKeys(env),
    oidc: () => oidcSettings(env),
    rate: () => rate(env),
    trustProxy: () => trustedProxies(env),
    codecOrigins: () => codecOrigins(env),
    temporalUi: () => temporalUi(env),
    environment: () => deploymentEnvironment(env),
    receiver: () => statusReceiver(env),
    endpoint: () => traceEndpoint(env),
    host: () => host(env),
    port: () => port(env, 'ONWARD_PORT', 8080),
  });
}

/** The gateway process. Serves until SIGTERM or SIGINT, then finishes the requests in flight. */
async function main(env: Environment): Promise<void> {
  const config = readConfig(env);
  const { keys, temporal, endpoint } = config;
  const { policy, events, rates, userIds } = config.settings;
  const log = pino(logOptions(SERVICE, config.level));
  const options = {
    tokens: config.tokens,
    webhookSecrets: config.webhookSecrets,
    receiptKeys: config.receiptKeys,
    oidc: config.oidc,
    eventRules: events,
    userIds,
    journeyLife: policy.journeyLife,
    rate: config.rate,
    rates,
    trustProxy: config.trustProxy,
    encryptionKeys: keys,
    codecOrigins: config.codecOrigins,
    environment: config.environment,
    temporalUi: config.temporalUi && workflowsUrl(config.temporalUi, temporal.namespace ?? 'default'),
    logger: log,
    auditLog: await openAuditLog(SERVICE, config.auditFile),
  };
  const listenOn = { host: config.host, port: config.port };
  const tracing = endpoint === undefined ? undefined : startTracing({ endpoint, serviceName: SERVICE });
  // Connects on first use, so that the gateway can start before Temporal and report its outages.
  const client = connectLater(temporal, keys);
  const onward = new Onward({
    client,
    provider: config.provider,
    ...config.settings,
    notifyReceiver: config.receiver !== undefined,
  });
  const app = await createGateway({ ...options, onward, isReady: createReadinessCheck(client) });
  // Registered before it listens, because a supervisor may stop it as soon as it listens.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await app.listen(listenOn);
  await stopped;
  await app.close();
  await client.connection.close();
  await tracing?.close();
}

try {
  await main(process.env);
} catch (error) {
  process.stderr.write(`${error instanceof SettingError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
