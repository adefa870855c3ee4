import { join } from 'node:path';
import type { Cleanup } from '../../sandbox/process/cleanup.ts';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import type { System } from '../harness/load.ts';
import type { Provider } from '../harness/provider.ts';
import { FOLDER, killEngine, startEngine, startPage, readPackageVersion } from './parts.ts';
import type { Contender, Rival } from './rival.ts';

/** Restate's server and a service on it, called through its HTTP ingress. */

interface Product {
  readonly system: System;
  readonly isDone: (userId: string) => Promise<boolean>;
}

const BINARY = `${FOLDER}/node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
const DURABILITY = 'all: Restate flushes its log to the disk';

export const restate: Contender = {
  name: 'Restate, by hand',
  keeps: DURABILITY,
  parallel: 128,
  setUp: (provider, cleanup, folder) => setUp('restate', { provider, cleanup, folder }, byHand),
};

export const restateXstate: Contender = {
  name: 'Restate and @restatedev/xstate',
  keeps: DURABILITY,
  parallel: 32,
  setUp: (provider, cleanup, folder) => setUp('restate-xstate', { provider, cleanup, folder }, byMachine),
};

function byHand(call: Call): Product {
  return {
    system: {
      start: (userId) => call(`onboarding/${userId}/run/send`),
      submit: (userId, channel, code) =>
        call(`onboarding/${userId}/submitCode`, { channel, code }, `${userId} ${channel} ${code}`),
    },
    isDone: async (userId) => (await call<{ state: string }>(`onboarding/${userId}/status`)).state === 'done',
  };
}

function byMachine(call: Call): Product {
  return {
    system: {
      start: (userId) => call(`onboarding/${userId}/create`, { input: { userId } }, `${userId} create`),
      submit: (userId, channel, code) => {
        const event = { type: 'submitCode', channel, code };
        return call(`onboarding/${userId}/waitFor`, { condition: `hasTag:${channel}`, event, timeout: 5_000 });
      },
    },
    isDone: async (userId) => (await call<{ status: string }>(`onboarding/${userId}/snapshot`)).status === 'done',
  };
}

type Call = <T>(path: string, body?: object, key?: string) => Promise<T>;
interface SetUpOptions {
  readonly provider: Provider;
  readonly cleanup: Cleanup;
  readonly folder: string;
}

async function setUp(
  page: string,
  { provider, cleanup, folder }: SetUpOptions,
  product: (call: Call) => Product,
): Promise<Rival> {
  const [ingress = 0, admin = 0, node = 0, service = 0] = await freePorts([0, 0, 0, 0]);
  process.env['RESTATE_INGRESS__BIND_ADDRESS'] = `127.0.0.1:${ingress}`;
  process.env['RESTATE_ADMIN__BIND_ADDRESS'] = `127.0.0.1:${admin}`;
  // Without it, the server sends telemetry to its vendor.
  process.env['DO_NOT_TRACK'] = '1';
  const args = ['--base-dir', folder, '--node-name', 'bench', '--bind-ip', '127.0.0.1', '--bind-port', String(node)];
  const engineUp = () =>
    startEngine(BINARY, [...args, '--listen-mode', 'tcp', '--no-logo'], join(folder, 'log'), () =>
      fetchJson(`http://127.0.0.1:${admin}/health`),
    );
  let [engine, worker] = await Promise.all([engineUp(), startPage(page, service, provider)]);
  cleanup.add(() => engine.stop());
  cleanup.add(() => worker.kill());
  await fetchJson(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${service}` });
  const call: Call = async <T>(path: string, body?: object, key?: string) =>
    (await fetchJson(`http://127.0.0.1:${ingress}/${path}`, body ?? {}, key)) as T;
  return {
    ...product(call),
    parts: `Restate ${await readPackageVersion('@restatedev/restate-server')}, @restatedev/xstate ${await readPackageVersion('@restatedev/xstate')}`,
    pids: () => [engine.pid, worker.pid],
    crash: async () => {
      await Promise.all([killEngine(engine), worker.kill()]);
      [engine, worker] = await Promise.all([engineUp(), startPage(page, service, provider)]);
    },
  };
}

/** Sends a POST with the body, or a GET without one. Throws on a status that is not 2xx. */
async function fetchJson(url: string, body?: object, key?: string): Promise<unknown> {
  const reply = await fetch(url, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
