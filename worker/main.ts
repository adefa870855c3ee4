import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import {
  encryptionKeys,
  logLevel,
  policySettings,
  port,
  providerSettings,
  statusReceiver,
  read,
  temporalSettings,
  traceEndpoint,
} from '../client/environment.ts';
import type { Environment } from '../client/environment.ts';
import { logOptions } from '../client/logs.ts';
import { SettingError } from '../client/settings.ts';
import { startTracing } from '../client/tracing.ts';
import { bundlePath } from './bundle.ts';
import { createWorker } from './create-worker.ts';
import { serveHealth } from './health.ts';
import type { Vitals } from './health.ts';
import { sdkLogger } from './logs.ts';
import { installRuntime } from './metrics.ts';
import { vitalsOf } from './vitals.ts';

const SERVICE = 'onward-worker';

/** The worker process: runs until SIGTERM or SIGINT, and then finishes what is in flight. */
async function main(env: Environment): Promise<void> {
  const provider = providerSettings(env);
  const keys = encryptionKeys(env);
  const { rates } = policySettings(env);
  const receiver = statusReceiver(env);
  const temporal = temporalSettings(env);
  const healthPort = port(env, 'ONWARD_WORKER_PORT', 8081);
  const log = pino(logOptions(SERVICE, logLevel(env)));
  const endpoint = traceEndpoint(env);

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
    rates,
    receiver,
    workflowBundle: { codePath: bundlePath },
    ...deployment(env),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  const vitals = vitalsOf(worker, connection, metrics);
  const health = await serve(read(env, 'ONWARD_HOST') ?? '127.0.0.1', healthPort, vitals);
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

async function connect({ connectionOptions }: ReturnType<typeof temporalSettings>): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions);
  } catch (error) {
    const address = connectionOptions.address ?? 'localhost:7233';
    const problem = `names a Temporal server that cannot be reached: ${address} (${String(error)})`;
    throw new SettingError('TEMPORAL_ADDRESS', problem, 'TEMPORAL_ADDRESS=temporal.example.com:7233');
  }
}

async function serve(host: string, healthPort: number, vitals: Vitals): ReturnType<typeof serveHealth> {
  try {
    return await serveHealth(host, healthPort, vitals);
  } catch (error) {
    const problem = `names a port of ${host} that cannot be had (${String(error)})`;
    throw new SettingError('ONWARD_WORKER_PORT', problem, 'ONWARD_WORKER_PORT=8081');
  }
}

/** The variables that Temporal's worker controller sets; without them, versioning is off. */
function deployment(env: Environment) {
  const name = read(env, 'TEMPORAL_DEPLOYMENT_NAME');
  const buildId = read(env, 'TEMPORAL_WORKER_BUILD_ID');
  return name === undefined || buildId === undefined ? {} : { deployment: { name, buildId } };
}

try {
  await main(process.env);
} catch (error) {
  process.stderr.write(`${error instanceof SettingError ? error.message : String(error)}\n`);
  // What was begun before, such as workers that never ran, would hold the process.
  process.exit(1);
}
