import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import {
  encryptionKeys,
  host,
  logLevel,
  policySettings,
  port,
  statusReceiver,
  readVariable,
  settingError,
  temporalSettings,
  traceEndpoint,
} from '../client/config/env.ts';
import type { Environment } from '../client/config/env.ts';
import { logOptions } from '../client/telemetry/logging.ts';
import { providerIdentity, providerSettings } from '../client/config/provider-settings.ts';
import { readAll, SettingError } from '../client/config/setting-error.ts';
import { startTracing } from '../client/telemetry/otel.ts';
import { createWorker } from './create-worker.ts';
import { loadProvider } from './provider/load-provider.ts';
import { startHealthServer } from './health/health-server.ts';
import type { HealthSource } from './health/health-server.ts';
import { sdkLogger } from './sdk-logger.ts';
import { installRuntime } from './health/metrics.ts';
import { createHealthSource } from './health/readiness.ts';

const SERVICE = 'onward-worker';

/** The worker process. Runs until SIGTERM or SIGINT, then finishes the work in flight. */
async function main(env: Environment): Promise<void> {
  const settings = readAll({
    providerModule: () => readVariable(env, 'ONWARD_PROVIDER'),
    provider: () => (readVariable(env, 'ONWARD_PROVIDER') === undefined ? providerSettings(env) : undefined),
    identity: () => providerIdentity(env),
    keys: () => encryptionKeys(env),
    policy: () => policySettings(env),
    receiver: () => statusReceiver(env),
    temporal: () => temporalSettings(env),
    host: () => host(env),
    healthPort: () => port(env, 'ONWARD_WORKER_PORT', 8081),
    level: () => logLevel(env),
    endpoint: () => traceEndpoint(env),
    deployment: () => deployment(env),
  });
  const { keys, receiver, temporal, healthPort, endpoint } = settings;
  const provider = settings.provider ?? (await loadProvider(settings.providerModule ?? ''));
  const { rates, sendBudget, policy, quietHours, userIds } = settings.policy;
  const log = pino(logOptions(SERVICE, settings.level));

  const metrics = await installRuntime({
    shutdownSignals: [],
    logger: sdkLogger(log),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
  const tracing = endpoint === undefined ? undefined : startTracing({ endpoint, serviceName: SERVICE });
  const connection = await connect(temporal);
  const worker = await createWorker({
    connection,
    namespace: temporal.namespace ?? 'default',
    encryptionKeys: keys,
    provider,
    providerId: settings.identity.id,
    formerProviderIds: settings.identity.formerIds,
    rates,
    policy,
    quietHours,
    userIds,
    sendBudget,
    receiver,
    ...settings.deployment,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  const healthSource = createHealthSource(worker, connection, metrics);
  const health = await serve(settings.host, healthPort, healthSource);
  try {
    const ended = worker.run();
    log.info({ port: health.port }, 'worker is polling');
    await ended;
  } finally {
    health.close();
    await connection.close();
    await tracing?.close();
  }
}

/** The SDK itself waits half a minute for a server that accepts connections and never replies. */
const CONNECT_TIMEOUT_MS = 10_000;

async function connect({ connectionOptions }: ReturnType<typeof temporalSettings>): Promise<NativeConnection> {
  const failAfterTimeout = async () => {
    await pause(CONNECT_TIMEOUT_MS, undefined, { ref: false });
    throw new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1_000} s`);
  };
  try {
    return await Promise.race([NativeConnection.connect(connectionOptions), failAfterTimeout()]);
  } catch (error) {
    const address = connectionOptions.address ?? 'localhost:7233';
    const problem = `names a Temporal server that cannot be reached: ${address} (${String(error)})`;
    throw new SettingError('TEMPORAL_ADDRESS', problem, 'TEMPORAL_ADDRESS=temporal.example.com:7233');
  }
}

async function serve(
  onHost: string,
  healthPort: number,
  healthSource: HealthSource,
): ReturnType<typeof startHealthServer> {
  try {
    return await startHealthServer(onHost, healthPort, healthSource);
  } catch (error) {
    const problem = `names a port of ${onHost} that cannot be bound (${String(error)})`;
    throw new SettingError('ONWARD_WORKER_PORT', problem, 'ONWARD_WORKER_PORT=8081');
  }
}

/** The variables that Temporal's worker controller sets; without them, versioning is off. */
function deployment(env: Environment) {
  const name = readVariable(env, 'TEMPORAL_DEPLOYMENT_NAME');
  const buildId = readVariable(env, 'TEMPORAL_WORKER_BUILD_ID');
  if (name === undefined && buildId === undefined) return {};
  // One without the other would silently leave versioning off.
  if (name === undefined) throw settingError('TEMPORAL_DEPLOYMENT_NAME', 'is missing beside TEMPORAL_WORKER_BUILD_ID');
  if (buildId === undefined) {
    throw settingError('TEMPORAL_WORKER_BUILD_ID', 'is missing beside TEMPORAL_DEPLOYMENT_NAME');
  }
  return { deployment: { name, buildId } };
}

try {
  await main(process.env);
} catch (error) {
  process.stderr.write(`${error instanceof SettingError ? error.message : String(error)}\n`);
  // Resources created before the error, such as workers that never ran, would keep the process alive.
  process.exit(1);
}
