import { pino } from 'pino';
import { connectLater } from '../connect.ts';
import {
  encryptionKeys,
  logLevel,
  policySettings,
  port,
  read,
  statusReceiver,
  temporalSettings,
  traceEndpoint,
} from '../environment.ts';
import type { Environment } from '../environment.ts';
import { logOptions } from '../logs.ts';
import { Onward } from '../onward.ts';
import { SettingError } from '../settings.ts';
import { startTracing } from '../tracing.ts';
import { createGateway } from './app.ts';
import { readiness } from './readiness.ts';
import { codecOrigins, rate, temporalUi, tokens, trustProxy, webhookSecrets } from './settings.ts';

const SERVICE = 'onward-gateway';

/** The gateway process: serves until SIGTERM or SIGINT, and then finishes what is in flight. */
async function main(env: Environment): Promise<void> {
  const keys = encryptionKeys(env);
  const temporal = temporalSettings(env);
  const { policy, events, rates } = policySettings(env);
  const log = pino(logOptions(SERVICE, logLevel(env)));
  const auditFile = read(env, 'ONWARD_AUDIT_LOG');
  const options = {
    tokens: tokens(env),
    webhookSecrets: webhookSecrets(env),
    eventRules: events,
    journeyLife: policy.journeyLife,
    rate: rate(env),
    rates,
    trustProxy: trustProxy(env),
    encryptionKeys: keys,
    codecOrigins: codecOrigins(env),
    temporalUi: temporalUi(env, temporal.namespace ?? 'default'),
    logger: log,
    ...(auditFile !== undefined && {
      auditLog: pino(logOptions(SERVICE, 'info'), pino.destination({ dest: auditFile, mkdir: true, mode: 0o600 })),
    }),
  };
  const endpoint = traceEndpoint(env);
  const listenOn = { host: read(env, 'ONWARD_HOST') ?? '127.0.0.1', port: port(env, 'ONWARD_PORT', 8080) };
  const tracing = endpoint === undefined ? undefined : startTracing({ endpoint, serviceName: SERVICE });
  // It answers while Temporal is away, and says so; it must not depend on the order in which things start.
  const client = connectLater(temporal, keys);
  const onward = new Onward({ client, policy, tellsStatus: statusReceiver(env) !== undefined });
  const app = await createGateway({ ...options, onward, isReady: readiness(client) });
  await app.listen(listenOn);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
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
