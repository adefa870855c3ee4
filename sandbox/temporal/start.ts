import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ms, { type StringValue } from 'ms';
import { argumentsHere, composeArguments, valuesOf } from './compose.ts';
import { launch } from './launch.ts';
import { freePorts } from './ports.ts';
import { untilReady, type Wanted } from './ready.ts';

export interface StartTemporal {
  /** A Temporal CLI, see `findTemporal`. */
  readonly binary: string;
  /** `temporal-dev.yml`. */
  readonly composeFile: string;
  /** A free one when absent. */
  readonly port?: number | undefined;
  /** Of Temporal's web pages: a free one when absent, no pages when `false`. */
  readonly uiPort?: number | false | undefined;
  /** Where to keep everything; in memory when absent. */
  readonly dbFile?: string | undefined;
  /** Begun anew at each start; a temporary one when absent. */
  readonly logFile?: string | undefined;
}

export interface TemporalServer {
  /** `127.0.0.1:<port>`, for gRPC. */
  readonly address: string;
  /** Of the web pages; `null` when there are none. */
  readonly uiAddress: string | null;
  readonly pid: number;
  /** Ends the server and resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

const LINES = 15;

/**
 * Starts the server of a compose file on 127.0.0.1 and resolves when its namespace is ready: search attributes there,
 * retention as the file says. Throws with the end of the server's log when it is not so within 30 s.
 */
export async function startTemporal(options: StartTemporal): Promise<TemporalServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(options);
    } catch (error) {
      // The server picks five more ports by itself, and another process may take one of them first.
      if (tries === 3 || !(error instanceof PortTaken)) throw error;
    }
  }
}

class PortTaken extends Error {}

async function attempt({ binary, composeFile, port, uiPort, dbFile, logFile }: StartTemporal): Promise<TemporalServer> {
  const [ownPort = 0, ownUiPort = 0] = await freePorts([port ?? 0, uiPort || 0]);
  const here = { port: ownPort, uiPort: uiPort === false ? null : ownUiPort, dbFile: dbFile ?? null };
  if (dbFile !== undefined) await mkdir(dirname(dbFile), { recursive: true });
  const args = argumentsHere(await composeArguments(composeFile), here);
  const wanted = { searchAttributes: attributeNames(args), retention: await retentionOf(composeFile) };
  const address = `127.0.0.1:${here.port}`;
  const scratch = await mkdtemp(join(tmpdir(), 'onward-temporal-'));
  const forget = () => rm(scratch, { recursive: true, force: true });
  try {
    const server = await launchReady(binary, args, logFile ?? join(scratch, 'server.log'), address, wanted);
    const uiAddress = here.uiPort === null ? null : `http://127.0.0.1:${here.uiPort}`;
    return { address, uiAddress, pid: server.pid, stop: () => server.stop().finally(forget) };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function launchReady(binary: string, args: string[], log: string, address: string, wanted: Wanted) {
  const server = await launch(binary, args, log);
  try {
    await untilReady(address, wanted, server.gone);
    return server;
  } catch (error) {
    await server.stop();
    const why = error instanceof Error ? error.message : String(error);
    const said = (await readFile(log, 'utf8')).trimEnd();
    const Failure = said.includes('bind: address already in use') ? PortTaken : Error;
    throw new Failure(`Temporal did not start: ${why}\nThe end of its log:\n${endOf(said)}`, { cause: error });
  }
}

function attributeNames(args: readonly string[]): string[] {
  return valuesOf(args, '--search-attribute').map((definition) => definition.replace(/=.*/, ''));
}

async function retentionOf(composeFile: string): Promise<number> {
  const [retention = ''] = valuesOf(await composeArguments(composeFile, 'retention'), '--retention');
  const milliseconds = ms(retention as StringValue);
  if (!milliseconds) throw new Error(`${composeFile} says no --retention at services.retention.command`);
  return milliseconds;
}

/** Its last lines, or those that tell why it has panicked: what comes after them says only where. */
function endOf(log: string): string {
  const lines = log.split('\n');
  const panicked = lines.findIndex((line) => line.startsWith('panic: '));
  return (panicked === -1 ? lines.slice(-LINES) : lines.slice(panicked, panicked + LINES)).join('\n');
}
