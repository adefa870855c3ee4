import { createRequire } from 'node:module';
import { join } from 'node:path';
import { firstUsable, keep, placesOnPath, whyNot } from './binary.ts';
import { run } from './run.ts';

export interface FindTemporal {
  /** The binary somebody asked for (`TEMPORAL_CLI`): this one or none. */
  readonly explicit?: string | undefined;
  /** The folders to look in, as in `PATH`. */
  readonly path: string;
  /** Where a binary that was made is kept for the next time. */
  readonly cacheDir: string;
  /** Hears, line by line, what takes long. */
  readonly say?: ((line: string) => void) | undefined;
}

// The one in temporal-dev.yml, and the newest that installs as a Go module.
const version = 'v1.5.1';

/**
 * Finds a Temporal CLI that runs here, in this order: the one asked for, the PATH, the one kept before, the SDK's
 * download (10 s), a build with Go (minutes). Throws with what was tried and how to get one.
 */
export async function findTemporal({ explicit, path, cacheDir, say = () => {} }: FindTemporal): Promise<string> {
  if (explicit) return insistOn(explicit);
  const found = await firstUsable([...placesOnPath('temporal', path), join(cacheDir, 'temporal')]);
  return found ?? make(path, cacheDir, say);
}

async function insistOn(explicit: string): Promise<string> {
  const why = await whyNot(explicit);
  if (why !== null) throw new Error(`TEMPORAL_CLI is ${explicit}, which is no use: ${why}`);
  return explicit;
}

/** One way to get a binary into a folder. */
type Way = (folder: string) => Promise<void>;

async function make(path: string, cacheDir: string, say: (line: string) => void): Promise<string> {
  const ways: Way[] = [(folder) => download(folder, say), (folder) => build(folder, path, say)];
  const failures: unknown[] = [];
  for (const way of ways) {
    try {
      return await keep(cacheDir, way);
    } catch (failure) {
      failures.push(failure);
    }
  }
  throw new AggregateError(failures, advice(failures));
}

// Node's own process for it: a download that hangs cannot be called off from within. The SDK also starts what it
// downloaded, which ends with the process.
const downloader = `
  const [, testing, downloadDir, version] = process.argv;
  const executable = { type: 'cached-download', downloadDir, version };
  const fail = (error) => { console.error(error.message); process.exit(1); };
  require(testing).TestWorkflowEnvironment.createLocal({ server: { executable } })
    .then((server) => server.teardown()).then(() => process.exit(0), fail);
`;

async function download(folder: string, say: (line: string) => void): Promise<void> {
  say('No Temporal server on this machine; trying to download one (10 s at most)');
  const testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  await run(process.execPath, ['-e', downloader, testing, folder, version], { limit: 10_000 });
}

async function build(folder: string, path: string, say: (line: string) => void): Promise<void> {
  say('No download; building it with Go instead. Building it takes about four minutes, once');
  const began = Date.now();
  const clock = setInterval(() => say(`Still building: ${Math.round((Date.now() - began) / 1000)} s`), 20_000);
  const install = ['go', 'install', `github.com/temporalio/cli/cmd/temporal@${version}`];
  await run('/usr/bin/env', [`PATH=${path}`, `GOBIN=${folder}`, ...install]).finally(() => clearInterval(clock));
}

function advice([noDownload, noBuild]: readonly unknown[]): string {
  return [
    'There is no Temporal server here, and none could be had.',
    `  Download: ${reason(noDownload)}`,
    `  Build with Go: ${reason(noBuild)}`,
    'Any of these helps: `brew install temporal`; the binary from https://docs.temporal.io/cli on the PATH;',
    'TEMPORAL_CLI=<its path>; or TEMPORAL_ADDRESS=<host:port> of a server that runs already.',
  ].join('\n');
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
