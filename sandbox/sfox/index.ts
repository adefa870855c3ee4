import { randomBytes, randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveControl } from './control.ts';
import type { Call, Fault } from './faults.ts';
import { deliver, refuse } from './http.ts';
import { serveCall } from './router.ts';
import { Scripts } from './scripts.ts';
import { Keeper, load } from './state.ts';
import { Users, type Channel, type Mail } from './users.ts';
import type { RequestRecord, World } from './world.ts';

export { LABELS, type Label } from './labels.ts';
export type { AccountType, Channel, Mail } from './users.ts';
export type { Call, DelayFault, Fault, StatusFault } from './faults.ts';
export type { RequestRecord } from './world.ts';

export interface SfoxOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Made at random when absent. */
  apiKey?: string;
  /** The same seed gives each user the same codes and the same faults by chance. */
  seed?: number;
  /** In ms, default 10 minutes. */
  codeLife?: number;
  /** Default 6, as the provider's are. */
  codeDigits?: number;
  /** The share of sends and confirms that meet a fault by chance, 0 (default) to 1. */
  faultRate?: number;
  /** Users, their codes, scripts and the outbox are kept here across restarts. */
  stateFile?: string;
}

/** A simulator that runs. */
export interface Sfox {
  readonly url: string;
  /** The key that is accepted now. */
  readonly apiKey: string;
  /** What was sent, newest last, to one user or to all. */
  outbox(userId?: string): Mail[];
  /** The provider's calls in the order of their answers, without codes, key and addresses. */
  requests(): RequestRecord[];
  /** Queues faults for a user's next requests to one call, one each, behind those that wait already. */
  script(userId: string, call: Call, faults: readonly Fault[]): void;
  /** While on, every call is answered 503 and does nothing. */
  outage(on: boolean): void;
  /** Verifies a channel behind everyone's back. */
  verify(userId: string, channel: Channel): void;
  /** Makes a verified channel open again. */
  open(userId: string, channel: Channel): void;
  /** Accepts this key from now on, and no other. */
  newKey(key: string): void;
  /** Cuts every connection and writes the state file. */
  close(): Promise<void>;
}

/** Starts a simulator of sFOX Connect: the provider's calls under `/v1`, the control plane under `/sandbox`. */
export async function startSfox(options: SfoxOptions = {}): Promise<Sfox> {
  const closing = new AbortController();
  const { world, flush } = build(options, closing.signal);
  const server = createServer((req, res) => void serve(world, req, res));
  const url = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const shut = async () => {
    closing.abort();
    await stop(server);
    flush();
  };
  // Shut once: a second flush could overwrite what a successor has written since.
  let shutting: Promise<void> | undefined;
  const close = () => (shutting ??= shut());
  return {
    url,
    ...handles(world),
    close,
    get apiKey() {
      return world.key;
    },
  };
}

function build(options: SfoxOptions, closing: AbortSignal): { world: World; flush: () => void } {
  const { stateFile, seed = randomInt(2 ** 32), codeLife = 600_000, codeDigits = 6, faultRate = 0 } = options;
  if (!(faultRate >= 0 && faultRate <= 1)) throw new RangeError('faultRate is a share: 0 to 1');
  const saved = stateFile === undefined ? undefined : load(stateFile);
  const users = new Users(seed, { life: codeLife, digits: codeDigits }, saved);
  const scripts = new Scripts(seed, faultRate, saved?.scripts);
  const take = () => ({ version: 1 as const, ...users.save(), scripts: scripts.save() });
  const keeper = stateFile === undefined ? undefined : new Keeper(stateFile, take);
  const world: World = {
    users,
    scripts,
    requests: [],
    key: options.apiKey ?? `sandbox_${randomBytes(24).toString('hex')}`,
    outage: false,
    wait: (ms) => sleep(ms, undefined, { signal: closing }),
    changed: () => keeper?.changed(),
  };
  return { world, flush: () => keeper?.flush() };
}

function handles(world: World): Omit<Sfox, 'url' | 'apiKey' | 'close'> {
  const { users, scripts } = world;
  return {
    outbox: (userId) => users.outbox(userId),
    requests: () => world.requests.map((request) => ({ ...request })),
    script: (userId, call, faults) => (scripts.add(userId, call, faults), world.changed()),
    outage: (on) => void (world.outage = on),
    verify: (userId, channel) => (users.mark(userId, channel, true), world.changed()),
    open: (userId, channel) => (users.mark(userId, channel, false), world.changed()),
    newKey: (key) => void (world.key = key),
  };
}

async function serve(world: World, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? '/';
  try {
    if (/^\/sandbox([/?]|$)/.test(url)) await serveControl(world, req, res, url);
    else await serveCall(world, req, res, url.split('?', 1)[0] ?? '');
  } catch (error) {
    // Either the client or the server went away meanwhile, and then nobody reads this; or the simulator has a fault.
    if (!res.headersSent) deliver(res, refuse(500, `The simulator failed: ${String(error)}`));
  }
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error(`${host}:${port} gave no address`);
  return `http://${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const stopped = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await stopped;
}
