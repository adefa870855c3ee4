import { DefaultLogger, Runtime } from '@temporalio/worker';
import { connectLater } from '../client/connect.ts';
import { encryptionKeys, temporalSettings } from '../client/environment.ts';
import type { Environment } from '../client/environment.ts';
import type { ReplayLine, ReplayRequest } from '../client/replay/contract.ts';
import { keptHistories, openHistories } from '../client/replay/histories.ts';
import type { Recordings } from '../client/replay/histories.ts';
import { reach } from '../client/reading.ts';
import { bundlePath } from './bundle.ts';
import { replaying } from './replaying.ts';

/** How often progress is told, in milliseconds. */
const OFTEN = 200;

const tell = (line: ReplayLine) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** The process behind `onward replay`: its argument is a `ReplayRequest` in JSON, and it writes `ReplayLine`s. */
async function main(env: Environment, request: ReplayRequest): Promise<void> {
  // What fails is told as a result; the SDK would log each of them as well.
  const logging = { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } as const;
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging } });
  const keys = encryptionKeys(env);
  const options = { workflowBundle: { codePath: request.bundle ?? bundlePath }, encryptionKeys: keys };
  if ('folder' in request) return replay(options, await keptHistories(request.folder));
  const client = connectLater(temporalSettings(env), keys);
  try {
    await replay(options, await reach(() => openHistories(client, request.limit)));
  } finally {
    await client.connection.close();
  }
}

async function replay(options: Parameters<typeof replaying>[0], { of, count, each }: Recordings): Promise<void> {
  let [replayed, broken, toldAt] = [0, 0, 0];
  for await (const found of replaying(options, each)) {
    replayed += 1;
    if (found !== undefined) {
      broken += 1;
      tell({ tells: 'broken', ...found });
    }
    if (Date.now() - toldAt < OFTEN) continue;
    toldAt = Date.now();
    tell({ tells: 'progress', replayed, of: count });
  }
  tell({ tells: 'end', replayed, broken, of });
}

try {
  await main(process.env, JSON.parse(process.argv[2] ?? '') as ReplayRequest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // The SDK's runtime would hold the process.
  process.exit(1);
}
