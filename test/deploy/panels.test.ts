import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { Problem } from '../../client/http-client/index.ts';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Sfox } from '../../sandbox/sfox/index.ts';
import { root } from '../architecture/imports.ts';
import { startOwnServer } from '../support/own-server.ts';
import { waitUntil } from '../support/stack.ts';
import { Fleet } from '../system/fleet/fleet.ts';
import { SimulatedUsers } from '../system/fleet/simulated-users.ts';
import { describeWith, findTool, read } from './tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

/** Panels that count something that a healthy system does not do: an answer without a series is right. */
const EMPTY_WHEN_HEALTHY: ReadonlySet<string> = new Set([
  'Failed tasks a minute',
  'Evictions from the cache a minute',
  'Blockers over time',
]);

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
interface ScrapeConfig {
  readonly job_name: string;
  readonly authorization?: unknown;
}

const dashboards = ['onboarding', 'processes'].map(
  (name) => JSON.parse(read(`deploy/grafana/${name}.json`)) as { readonly panels: readonly Panel[] },
);
const queries = dashboards
  .flatMap(({ panels }) => panels)
  .flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

let folder: string;
let server: Awaited<ReturnType<typeof startOwnServer>>;
let sfox: Sfox;
let fleet: Fleet<Sfox>;
let prometheus: ChildProcess;
let address: string;

/** The configuration that is deployed, with the processes of this test in place of the names of services. */
async function configure(): Promise<string> {
  const { scrape_configs: jobs, ...deployed } = parse(read('deploy/prometheus/prometheus.yml')) as {
    readonly scrape_configs: readonly ScrapeConfig[];
  };
  const processes = [...fleet.processes];
  const credentials = fleet.secrets.tokens.viewer;
  const config = {
    ...deployed,
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(root, 'deploy/kubernetes/onward/files/alerts.yml')],
    scrape_configs: jobs.map(({ job_name, authorization }) => ({
      job_name,
      ...(authorization !== undefined && { authorization: { credentials } }),
      static_configs: processes
        .filter(({ kind }) => job_name === `onward-${kind}`)
        .map(({ url }) => ({ targets: [new URL(url).host] })),
    })),
  };
  const path = join(folder, 'prometheus.yml');
  await writeFile(path, stringify(config));
  return path;
}

/** Asks Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
async function ask(
  path: string,
): Promise<{ readonly status: string; readonly error?: string; readonly data: unknown }> {
  const reply = await fetch(`${address}/api/v1/${path}`);
  return (await reply.json()) as Awaited<ReturnType<typeof ask>>;
}

async function query(expr: string) {
  const { status, error, data } = await ask(
    `query?query=${encodeURIComponent(expr.replaceAll('$__rate_interval', '30s'))}`,
  );
  const { result } = (data ?? { result: [] }) as { readonly result: readonly { readonly value: [number, string] }[] };
  return { status, error, values: result.map(({ value }) => value[1]) };
}

describeWith('prometheus')(
  'the dashboards, asked of a Prometheus that scrapes a running system (needs prometheus)',
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'onward-panels-'));
      [server, sfox] = await Promise.all([startOwnServer(), startSfox()]);
      const policy = 'retrySendFor: 0 s\nrecovery: { every: 1 hour }\n';
      fleet = await Fleet.start({ folder, address: server.address, sfox, policy, workers: 1, gateways: 1 });
      const [port] = await freePorts([0]);
      address = `http://127.0.0.1:${port}`;
      const args = [
        `--config.file=${await configure()}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ];
      prometheus = spawn(findTool('prometheus') ?? 'prometheus', args, { stdio: 'ignore' });
      await waitUntil(
        async () => (await fetch(`${address}/-/ready`).catch(() => undefined))?.status === 200,
        'it is ready',
      );
    });
    afterAll(async () => {
      if (prometheus?.exitCode === null) {
        prometheus.kill();
        await once(prometheus, 'exit');
      }
      await fleet?.close();
      await sfox?.close();
      await server?.stop();
      await removeFolder(folder);
    });

    it('have a series for every panel, and rules that can be evaluated', async () => {
      const users = new SimulatedUsers(sfox, () => fleet.client('app'));
      const running = users.run();
      const live = async () => {
        const name = `panel-${Date.now()}`;
        for (const labels of ['', '.refused']) await fleet.signUp(`${name}${labels}`);
        await fleet.signUp(`${name}b`, 'business');
        await fleet
          .client('operator')
          .retry(`${name}b`, { reason: 'not allowed yet' })
          .catch((error: unknown) => {
            if (!(error instanceof Problem)) throw error;
          });
        await fleet.signUp(`${name}c`);
        await fleet.client('operator').cancel(`${name}c`, { reason: 'no longer wanted' });
      };
      try {
        let missing: unknown[] = queries;
        await waitUntil(async () => {
          await live();
          const answers = await Promise.all(queries.map(async (each) => ({ ...each, ...(await query(each.expr)) })));
          missing = answers.filter(
            ({ title, status, values }) =>
              status !== 'success' || (values.length === 0 && !EMPTY_WHEN_HEALTHY.has(title)),
          );
          return missing.length === 0;
        }, 'every panel has a series').catch((error: unknown) => {
          throw new Error(`${String(error)}; it has none for ${JSON.stringify(missing, null, 2)}`);
        });
        const { groups } = (await ask('rules')).data as {
          readonly groups: readonly { readonly rules: readonly { readonly name: string; readonly health: string }[] }[];
        };
        const rules = groups.flatMap((group) => group.rules);
        expect(rules.length).toBeGreaterThan(10);
        expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
      } finally {
        await users.stop();
        await running;
      }
    });
  },
);
