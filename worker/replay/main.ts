import { DefaultLogger, Runtime } from '@temporalio/worker';
import { connectLater } from '../../client/temporal/connect.ts';
import { encryptionKeys, temporalSettings } from '../../client/config/env.ts';
import type { Environment } from '../../client/config/env.ts';
import type { ReplayLine, ReplayRequest } from '../../client/replay/protocol.ts';
import { readHistoryFiles, fetchOpenHistories } from '../../client/replay/histories.ts';
import type { Recordings } from '../../client/replay/histories.ts';
import { translatingErrors } from '../../client/journeys/status-reader.ts';
import { bundlePath } from '../bundle.ts';
import { replayHistories } from './replay.ts';

/** How often progress is reported. */
const PROGRESS_INTERVAL_MS = 200;

const writeLine = (line: ReplayLine) => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** The process behind `onward replay`: its argument is a `ReplayRequest` in JSON, and it writes `ReplayLine`s. */
async function main(env: Environment, request: ReplayRequest): Promise<void> {
  // Failures are reported as results; the SDK would log each of them too.
  const logging = { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } as const;
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging } });
  const keys = encryptionKeys(env);
  const options = { workflowBundle: { codePath: request.bundle ?? bundlePath }, encryptionKeys: keys };
  if ('folder' in request) return replay(options, await readHistoryFiles(request.folder));
  const client = connectLater(temporalSettings(env), keys);
  try {
    await replay(options, await translatingErrors(() => fetchOpenHistories(client, request.limit)));
  } finally {
    await client.connection.close();
  }
}

async function replay(options: Parameters<typeof replayHistories>[0], { of, count, each }: Recordings): Promise<void> {
  let [replayed, broken, reportedAt] = [0, 0, 0];
  for await (const breakage of replayHistories(options, each)) {
    replayed += 1;
    if (breakage !== undefined) {
      broken += 1;
      writeLine({ kind: 'broken', ...breakage });
    }
    if (Date.now() - reportedAt < PROGRESS_INTERVAL_MS) continue;
    reportedAt = Date.now();
    writeLine({ kind: 'progress', replayed, of: count });
  }
  writeLine({ kind: 'end', replayed, broken, of });
}

try {
  await main(process.env, JSON.parse(process.argv[2] ?? '') as ReplayRequest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // The SDK's runtime would keep the process alive.
  process.exit(1);
}
