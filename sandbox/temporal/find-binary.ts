import { createRequire } from 'node:module';
import { join } from 'node:path';
import { firstUsable, installInto, placesOnPath, findProblem } from './binary.ts';
import { run } from '../process/run-command.ts';

export interface FindTemporal {
  /** The binary of `TEMPORAL_CLI`. If it is set, no other is used. */
  readonly explicit?: string | undefined;
  /** The folders to search, in the form of `PATH`. */
  readonly path: string;
  /** The folder that stores a downloaded or built binary. */
  readonly cacheDir: string;
  /** Receives a line for each slow step. */
  readonly say?: ((line: string) => void) | undefined;
}

// The version in temporal-dev.yml, which is the newest that can be installed as a Go module.
const version = 'v1.5.1';

/**
 * Finds a Temporal CLI in this order: `explicit`, the PATH, the cache, a download by the SDK (10 s), a build with Go (minutes).
 * Throws with the failed attempts and how to install one.
 */
export async function findTemporal({ explicit, path, cacheDir, say = () => {} }: FindTemporal): Promise<string> {
  if (explicit) return insistOn(explicit);
  const found = await firstUsable([...placesOnPath('temporal', path), join(cacheDir, 'temporal')]);
  return found ?? make(path, cacheDir, say);
}

async function insistOn(explicit: string): Promise<string> {
  const why = await findProblem(explicit);
  if (why !== null) throw new Error(`TEMPORAL_CLI must be a Temporal CLI; got ${explicit}: ${why}`);
  return explicit;
}

/** Puts a binary into a folder. */
type Install = (folder: string) => Promise<void>;

async function make(path: string, cacheDir: string, say: (line: string) => void): Promise<string> {
  const attempts: Install[] = [(folder) => download(folder, say), (folder) => build(folder, path, say)];
  const failures: unknown[] = [];
  for (const install of attempts) {
    try {
      return await installInto(cacheDir, install);
    } catch (failure) {
      failures.push(failure);
    }
  }
  throw new AggregateError(failures, advice(failures));
}

// In a separate process, since the download has no timeout. The SDK also starts the downloaded server, which exits with the process.
const downloader = `
  const [, testing, downloadDir, version] = process.argv;
  const executable = { type: 'cached-download', downloadDir, version };
  const fail = (error) => { console.error(error.message); process.exit(1); };
  require(testing).TestWorkflowEnvironment.createLocal({ server: { executable } })
    .then((server) => server.teardown()).then(() => process.exit(0), fail);
`;

async function download(folder: string, say: (line: string) => void): Promise<void> {
  say('No Temporal CLI found; trying to download it (10 s at most)');
  const testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  await run(process.execPath, ['-e', downloader, testing, folder, version], { limit: 10_000 });
}

async function build(folder: string, path: string, say: (line: string) => void): Promise<void> {
  say('The download failed; building the Temporal CLI with Go, which takes about four minutes once');
  const startedAt = Date.now();
  const clock = setInterval(() => say(`Still building: ${Math.round((Date.now() - startedAt) / 1000)} s`), 20_000);
  const install = ['go', 'install', `github.com/temporalio/cli/cmd/temporal@${version}`];
  await run('/usr/bin/env', [`PATH=${path}`, `GOBIN=${folder}`, ...install]).finally(() => clearInterval(clock));
}

function advice([noDownload, noBuild]: readonly unknown[]): string {
  return [
    'No Temporal CLI was found, and it could not be installed.',
    `  Download: ${reason(noDownload)}`,
    `  Build with Go: ${reason(noBuild)}`,
    'Do one of these: `brew install temporal`; put the binary from https://docs.temporal.io/cli on the PATH;',
    'set TEMPORAL_CLI=<its path>; or set TEMPORAL_ADDRESS=<host:port> of a running server.',
  ].join('\n');
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
