import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { serveControl } from './control.ts';
import type { Call, Fault } from './faults/faults.ts';
import { Holds, type Hold } from './faults/holds.ts';
import { deliver, refuse } from './http.ts';
import { serveCall } from './router.ts';
import { Scripts } from './faults/scripts.ts';
import { StateFile, load } from './persistence.ts';
import type { Channel } from './channels.ts';
import type { RecordKind } from './record-kinds.ts';
import { Users, type Mail } from './users.ts';
import type { RequestRecord, SimulatorState } from './simulator-state.ts';

export { LABELS, type Label } from './faults/labels.ts';
export { channels, type AccountType, type Channel } from './channels.ts';
export type { RecordKind } from './record-kinds.ts';
export type { Hold } from './faults/holds.ts';
export type { Mail } from './users.ts';
export type { Call, DelayFault, Fault, HoldFault, StatusFault } from './faults/faults.ts';
export type { RequestRecord } from './simulator-state.ts';

export interface SfoxOptions {
  /** Default: 0, which selects a free port. */
  port?: number;
  /** Default: 127.0.0.1. */
  host?: string;
  /** Default: a random key. */
  apiKey?: string;
  /** The same seed gives each user the same codes and the same random faults. Default: random. */
  seed?: number;
  /** Lifetime of a code in milliseconds. Default: 10 minutes. */
  codeLife?: number;
  /** Default: 6, as at the provider. */
  codeDigits?: number;
  /** The share of sends and confirms with a random fault, from 0 (default) to 1. */
  faultRate?: number;
  /** The file that stores users, codes, scripts and the outbox across restarts. */
  stateFile?: string;
}

/** A running simulator. */
export interface Sfox {
  readonly url: string;
  /** The key that is currently accepted. */
  readonly apiKey: string;
  /** Returns the messages to one user or to all, newest last. */
  outbox(userId?: string): Mail[];
  /** Returns the log of requests in the order of their replies, without codes, key and addresses. */
  requests(): RequestRecord[];
  /** Appends faults to the queue of a user's requests to one call, one for each request. */
  script(userId: string, call: Call, faults: readonly Fault[]): void;
  /** Holds the user's next request to a call until it is released; after that it is served, or gets the fault `then`. */
  hold(userId: string, call: Call, then?: Fault): Hold;
  /** Switches an outage: while it is on, every call is answered 503 and has no effect. */
  outage(isOn: boolean): void;
  /** Marks a channel as verified, as if the user had verified it elsewhere. */
  verify(userId: string, channel: Channel): void;
  /** Marks a verified channel as open. */
  open(userId: string, channel: Channel): void;
  /** Sets the kind of a user's record. */
  record(userId: string, kind: RecordKind): void;
  /** Removes a user, as after a deactivation. */
  remove(userId: string): void;
  /** Registers many users without sending a code: `name-1`, `name-2` … Labels in the name count. */
  crowd(name: string, count: number): void;
  /** Replaces the accepted key. */
  newKey(key: string): void;
  /** Closes every connection and writes the state file. */
  close(): Promise<void>;
}

/** Starts a simulator of sFOX Connect, with the provider's calls under `/v1` and the control plane under `/sandbox`. */
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
  // Only once: a second flush could overwrite the file of a simulator started since.
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

function build(options: SfoxOptions, closing: AbortSignal): { world: SimulatorState; flush: () => void } {
  const { stateFile, seed = randomInt(2 ** 32), codeLife = 600_000, codeDigits = 6, faultRate = 0 } = options;
  if (!(faultRate >= 0 && faultRate <= 1)) throw new RangeError('faultRate is a share: 0 to 1');
  const saved = stateFile === undefined ? undefined : load(stateFile);
  const users = new Users(seed, { life: codeLife, digits: codeDigits }, saved);
  const scripts = new Scripts(seed, faultRate, saved?.scripts);
  const take = () => ({ version: 1 as const, ...users.save(), scripts: scripts.save() });
  const keeper = stateFile === undefined ? undefined : new StateFile(stateFile, take);
  const world: SimulatorState = {
    users,
    scripts,
    requests: [],
    key: options.apiKey ?? `sandbox_${randomBytes(24).toString('hex')}`,
    outage: false,
    holds: new Holds(),
    closing,
    changed: () => keeper?.changed(),
  };
  return { world, flush: () => keeper?.flush() };
}

function handles(world: SimulatorState): Omit<Sfox, 'url' | 'apiKey' | 'close'> {
  const { users, scripts } = world;
  return {
    outbox: (userId) => users.outbox(userId),
    requests: () => world.requests.map((request) => ({ ...request })),
    script: (userId, call, faults) => (scripts.add(userId, call, faults), world.changed()),
    hold: (userId, call, then = 'ok') => {
      const hold = randomUUID();
      // oxlint-disable-next-line unicorn/no-thenable -- `then` holds a fault, never a function
      scripts.add(userId, call, [{ hold, then }]);
      return world.holds.of(hold);
    },
    outage: (isOn) => void (world.outage = isOn),
    verify: (userId, channel) => (users.setVerified(userId, channel, true), world.changed()),
    open: (userId, channel) => (users.setVerified(userId, channel, false), world.changed()),
    record: (userId, kind) => (users.setRecord(userId, kind), world.changed()),
    remove: (userId) => (users.remove(userId), world.changed()),
    crowd: (name, count) => (users.registerCrowd(name, count), world.changed()),
    newKey: (key) => void (world.key = key),
  };
}

async function serve(world: SimulatorState, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? '/';
  try {
    if (/^\/sandbox([/?]|$)/.test(url)) await serveControl(world, req, res, url);
    else await serveCall(world, req, res, url.split('?', 1)[0] ?? '');
  } catch (error) {
    // If the client or the server has closed the connection, this is not delivered. Otherwise it is a bug of the simulator.
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
