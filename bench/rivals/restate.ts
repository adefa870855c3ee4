import { join } from 'node:path';
import type { Undo } from '../../sandbox/undo.ts';
import { freePorts } from '../../sandbox/temporal/ports.ts';
import type { System } from '../stand/load.ts';
import type { Provider } from '../stand/provider.ts';
import { FOLDER, killEngine, startEngine, startPage, versionOf } from './parts.ts';
import type { Contender, Rival } from './rival.ts';

/** Restate's server and a service of it, asked over its ingress. */

interface Door {
  readonly system: System;
  readonly isDone: (userId: string) => Promise<boolean>;
}

const BINARY = `${FOLDER}/node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
const KEEPS = 'all: its log is flushed to the disk';

export const restate: Contender = {
  name: 'Restate, by hand',
  keeps: KEEPS,
  parallel: 128,
  setUp: (provider, undo, folder) => setUp('restate', { provider, undo, folder }, byHand),
};

export const restateXstate: Contender = {
  name: 'Restate and @restatedev/xstate',
  keeps: KEEPS,
  parallel: 32,
  setUp: (provider, undo, folder) => setUp('restate-xstate', { provider, undo, folder }, byMachine),
};

function byHand(ask: Ask): Door {
  return {
    system: {
      start: (userId) => ask(`onboarding/${userId}/run/send`),
      submit: (userId, channel, code) =>
        ask(`onboarding/${userId}/submitCode`, { channel, code }, `${userId} ${channel} ${code}`),
    },
    isDone: async (userId) => (await ask<{ state: string }>(`onboarding/${userId}/status`)).state === 'done',
  };
}

function byMachine(ask: Ask): Door {
  return {
    system: {
      start: (userId) => ask(`onboarding/${userId}/create`, { input: { userId } }, `${userId} create`),
      submit: (userId, channel, code) => {
        const event = { type: 'submitCode', channel, code };
        return ask(`onboarding/${userId}/waitFor`, { condition: `hasTag:${channel}`, event, timeout: 5_000 });
      },
    },
    isDone: async (userId) => (await ask<{ status: string }>(`onboarding/${userId}/snapshot`)).status === 'done',
  };
}

type Ask = <T>(path: string, body?: object, key?: string) => Promise<T>;
interface Stage {
  readonly provider: Provider;
  readonly undo: Undo;
  readonly folder: string;
}

async function setUp(page: string, { provider, undo, folder }: Stage, door: (ask: Ask) => Door): Promise<Rival> {
  const [ingress = 0, admin = 0, node = 0, service = 0] = await freePorts([0, 0, 0, 0]);
  process.env['RESTATE_INGRESS__BIND_ADDRESS'] = `127.0.0.1:${ingress}`;
  process.env['RESTATE_ADMIN__BIND_ADDRESS'] = `127.0.0.1:${admin}`;
  // It would tell its makers that it runs.
  process.env['DO_NOT_TRACK'] = '1';
  const args = ['--base-dir', folder, '--node-name', 'bench', '--bind-ip', '127.0.0.1', '--bind-port', String(node)];
  const engineUp = () =>
    startEngine(BINARY, [...args, '--listen-mode', 'tcp', '--no-logo'], join(folder, 'log'), () =>
      fetched(`http://127.0.0.1:${admin}/health`),
    );
  let [engine, worker] = await Promise.all([engineUp(), startPage(page, service, provider)]);
  undo.add(() => engine.stop());
  undo.add(() => worker.kill());
  await fetched(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${service}` });
  const ask: Ask = async <T>(path: string, body?: object, key?: string) =>
    (await fetched(`http://127.0.0.1:${ingress}/${path}`, body ?? {}, key)) as T;
  return {
    ...door(ask),
    parts: `Restate ${await versionOf('@restatedev/restate-server')}, @restatedev/xstate ${await versionOf('@restatedev/xstate')}`,
    pids: () => [engine.pid, worker.pid],
    die: async () => {
      await Promise.all([killEngine(engine), worker.kill()]);
      [engine, worker] = await Promise.all([engineUp(), startPage(page, service, provider)]);
    },
  };
}

/** A GET without a body. */
async function fetched(url: string, body?: object, key?: string): Promise<unknown> {
  const reply = await fetch(url, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
