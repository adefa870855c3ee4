import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ms, { type StringValue } from 'ms';
import { adaptArguments, composeArguments, valuesOf } from './compose-file.ts';
import { launch } from '../process/launch.ts';
import { freePorts } from '../process/free-ports.ts';
import { waitUntilReady, type ExpectedNamespace } from './wait-until-ready.ts';

export interface StartTemporal {
  /** The path of a Temporal CLI, see `findTemporal`. */
  readonly binary: string;
  /** The path of `temporal-dev.yml`. */
  readonly composeFile: string;
  /** Default: a free port. */
  readonly port?: number | undefined;
  /** The port of Temporal's Web UI. Default: a free port. `false`: no Web UI. */
  readonly uiPort?: number | false | undefined;
  /** The file of the database. Default: in memory. */
  readonly dbFile?: string | undefined;
  /** Overwritten at each start. Default: a temporary file. */
  readonly logFile?: string | undefined;
}

export interface TemporalServer {
  /** `127.0.0.1:<port>`, for gRPC. */
  readonly address: string;
  /** The URL of the Web UI; `null` without one. */
  readonly uiAddress: string | null;
  readonly pid: number;
  /** Aborted when the server has exited; the reason is an error with its exit code or signal. */
  readonly exited: AbortSignal;
  /** Stops the server and resolves when it has exited. Calling it again is harmless. */
  stop(): Promise<void>;
}

const MAX_LOG_LINES = 15;

/**
 * Starts the server of a Compose file on 127.0.0.1. Resolves when its namespace has the search attributes and the retention of the
 * file. Throws with the end of the server's log if that takes longer than 30 s.
 */
export async function startTemporal(options: StartTemporal): Promise<TemporalServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(options);
    } catch (error) {
      // The server selects five more ports itself, and another process may take one of them first.
      if (tries === 3 || !(error instanceof PortTaken)) throw error;
    }
  }
}

class PortTaken extends Error {}

async function attempt({ binary, composeFile, port, uiPort, dbFile, logFile }: StartTemporal): Promise<TemporalServer> {
  const [ownPort = 0, ownUiPort = 0] = await freePorts([port ?? 0, uiPort || 0]);
  const here = { port: ownPort, uiPort: uiPort === false ? null : ownUiPort, dbFile: dbFile ?? null };
  if (dbFile !== undefined) await mkdir(dirname(dbFile), { recursive: true });
  const args = adaptArguments(await composeArguments(composeFile), here);
  const wanted = { searchAttributes: attributeNames(args), retention: await retentionOf(composeFile) };
  const address = `127.0.0.1:${here.port}`;
  const scratch = await mkdtemp(join(tmpdir(), 'onward-temporal-'));
  const forget = () => rm(scratch, { recursive: true, force: true });
  try {
    const server = await launchReady(binary, args, logFile ?? join(scratch, 'server.log'), address, wanted);
    const uiAddress = here.uiPort === null ? null : `http://127.0.0.1:${here.uiPort}`;
    const { pid, exited } = server;
    return { address, uiAddress, pid, exited, stop: () => server.stop().finally(forget) };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function launchReady(binary: string, args: string[], log: string, address: string, wanted: ExpectedNamespace) {
  const server = await launch(binary, args, log);
  try {
    await waitUntilReady(address, wanted, server.exited);
    return server;
  } catch (error) {
    await server.stop();
    const why = error instanceof Error ? error.message : String(error);
    const output = (await readFile(log, 'utf8')).trimEnd();
    const Failure = output.includes('bind: address already in use') ? PortTaken : Error;
    throw new Failure(`Temporal did not start: ${why}\nThe end of its log:\n${endOf(output)}`, { cause: error });
  }
}

function attributeNames(args: readonly string[]): string[] {
  return valuesOf(args, '--search-attribute').map((definition) => definition.replace(/=.*/, ''));
}

async function retentionOf(composeFile: string): Promise<number> {
  const [retention = ''] = valuesOf(await composeArguments(composeFile, 'retention'), '--retention');
  const milliseconds = ms(retention as StringValue);
  if (!milliseconds) throw new Error(`${composeFile} has no --retention in services.retention.command`);
  return milliseconds;
}

/** Returns the last lines of a log, or the first lines of a panic: the stack trace after them is long. */
function endOf(log: string): string {
  const lines = log.split('\n');
  const panicked = lines.findIndex((line) => line.startsWith('panic: '));
  return (panicked === -1 ? lines.slice(-MAX_LOG_LINES) : lines.slice(panicked, panicked + MAX_LOG_LINES)).join('\n');
}
