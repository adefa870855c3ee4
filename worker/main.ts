import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import {
  encryptionKeys,
  policySettings,
  port,
  providerSettings,
  read,
  temporalSettings,
} from '../client/environment.ts';
import type { Environment } from '../client/environment.ts';
import { SettingError } from '../client/settings.ts';
import { bundlePath } from './bundle.ts';
import { createWorker } from './create-worker.ts';
import { serveHealth } from './health.ts';

/** The worker process: runs until SIGTERM or SIGINT, and then finishes what is in flight. */
async function main(env: Environment): Promise<void> {
  const provider = providerSettings(env);
  const keys = encryptionKeys(env);
  const { rates } = policySettings(env);
  const temporal = temporalSettings(env);
  const healthPort = port(env, 'ONWARD_WORKER_PORT', 8081);

  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN') });
  const connection = await connect(temporal);
  const worker = await createWorker({
    connection,
    namespace: temporal.namespace ?? 'default',
    encryptionKeys: keys,
    provider,
    rates,
    workflowBundle: { codePath: bundlePath },
    ...deployment(env),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  const health = await serveHealth(read(env, 'ONWARD_HOST') ?? '127.0.0.1', healthPort);
  process.stdout.write(`worker is polling (health on port ${health.port})\n`);
  try {
    await worker.run();
  } finally {
    health.close();
    await connection.close();
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
  process.exitCode = 1;
}
