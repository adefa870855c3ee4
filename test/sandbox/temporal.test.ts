import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { composeArguments, findTemporal, startTemporal, type TemporalServer } from '../../sandbox/temporal/index.ts';
import { removeFolder } from '../support/remove-folder.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const composeFile = at('temporal-dev.yml');

let folder: string;
let binary: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-test-'));
  binary = await findTemporal({
    explicit: process.env['TEMPORAL_CLI'],
    path: process.env['PATH'] ?? '',
    cacheDir: at('.cache'),
  });
  // If no earlier run has built one, it is built now.
}, 600_000);
afterAll(() => removeFolder(folder));

/** A shell script as `<folder>/<name>/temporal`; gives its path and its folder. */
async function fake(name: string, script = 'echo temporal version 1.5.1') {
  const home = join(folder, name);
  const file = join(home, 'temporal');
  await mkdir(home, { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return { home, file };
}

async function connected<T>(server: TemporalServer, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

async function serving<T>(server: TemporalServer, use: (server: TemporalServer) => Promise<T>): Promise<T> {
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

const lives = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('finding a Temporal binary', () => {
  it('prefers the binary of TEMPORAL_CLI', async () => {
    const named = await fake('asked');
    const onPath = await fake('before');
    expect(await findTemporal({ explicit: named.file, path: onPath.home, cacheDir: folder })).toBe(named.file);
  });

  it('fails and names the path if the binary of TEMPORAL_CLI does not exist', async () => {
    const search = findTemporal({ explicit: '/nowhere/temporal', path: '', cacheDir: at('.cache') });
    await expect(search).rejects.toThrow(
      'TEMPORAL_CLI must be a Temporal CLI; got /nowhere/temporal: the file does not exist',
    );
  });

  it('fails if the binary of TEMPORAL_CLI does not run or is another program', async () => {
    const broken = await fake('broken', 'echo wrong architecture >&2; exit 126');
    const other = await fake('other', 'echo git version 2');
    const rest = { path: '', cacheDir: at('.cache') };
    await expect(findTemporal({ explicit: broken.file, ...rest })).rejects.toThrow('wrong architecture');
    await expect(findTemporal({ explicit: other.file, ...rest })).rejects.toThrow(
      'does not call itself temporal: git version 2',
    );
  });

  it('prefers the binary on the PATH to the cached one', async () => {
    const onPath = await fake('path');
    const stored = await fake('kept');
    const path = `/nowhere:${onPath.home}`;
    expect(await findTemporal({ path, cacheDir: stored.home })).toBe(onPath.file);
  });

  it('uses the cached binary if the one on the PATH does not run', async () => {
    const broken = await fake('path-broken', 'exit 1');
    const stored = await fake('kept-good');
    expect(await findTemporal({ path: broken.home, cacheDir: stored.home })).toBe(stored.file);
  });
});

describe('temporal-dev.yml', () => {
  it('contains the arguments of start-dev', async () => {
    const args = await composeArguments(composeFile);
    expect(args.slice(0, 2)).toEqual(['server', 'start-dev']);
    expect(args).toContain('--db-filename=/data/onward.db');
  });

  it('publishes its ports on loopback only', async () => {
    const published = (await readFile(composeFile, 'utf8')).match(/^ +- [\d.:]+$/gm);
    expect(published).toEqual(['      - 127.0.0.1:7233:7233', '      - 127.0.0.1:8233:8233']);
  });
});

describe('the development server', () => {
  it('starts in memory with its search attributes and a retention of 30 days, and exits when stopped', async () => {
    const server = await startTemporal({ binary, composeFile });
    await serving(server, async () => {
      await connected(server, async ({ workflowService, operatorService }) => {
        const { config } = await workflowService.describeNamespace({ namespace: 'default' });
        expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60);
        const { customAttributes } = await operatorService.listSearchAttributes({ namespace: 'default' });
        expect(Object.keys(customAttributes)).toEqual(
          expect.arrayContaining([
            'OnboardingAccount',
            'OnboardingState',
            'OnboardingStep',
            'OnboardingReason',
            'OnboardingSince',
          ]),
        );
      });
      expect((await fetch(server.uiAddress ?? '')).status).toBe(200);
      expect(lives(server.pid)).toBe(true);
    });
    expect(lives(server.pid)).toBe(false);
    await server.stop();
  });

  it('preserves a workflow across a restart with a database file', async () => {
    const dbFile = join(folder, 'made', 'onward.db');
    const options = { binary, composeFile, dbFile, uiPort: false } as const;
    const first = await startTemporal(options);
    await serving(first, () =>
      connected(first, async (connection) => {
        await new Client({ connection }).workflow.start('waits', { taskQueue: 'unpolled', workflowId: 'kept' });
      }),
    );
    const second = await startTemporal({ ...options, port: Number(first.address.split(':')[1]) });
    expect(second.uiAddress).toBeNull();
    await serving(second, () =>
      connected(second, async (connection) => {
        const { status } = await new Client({ connection }).workflow.getHandle('kept').describe();
        expect(status.name).toBe('RUNNING');
      }),
    );
  });

  it('runs three times concurrently', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => startTemporal({ binary, composeFile, uiPort: false })));
    await Promise.all(servers.map((server) => server.stop()));
    expect(new Set(servers.map(({ address }) => address)).size).toBe(3);
    expect(servers.some(({ pid }) => lives(pid))).toBe(false);
  });

  it('reports the exit code and the end of its log if it exits', async () => {
    const dying = await fake('dying', 'echo the disk is full >&2; exit 3');
    const logFile = join(folder, 'logs', 'server.log');
    const start = startTemporal({ binary: dying.file, composeFile, logFile });
    await expect(start).rejects.toThrow(/exited with code 3[^]*the disk is full/);
    expect(await readFile(logFile, 'utf8')).toBe('the disk is full\n');
  });

  it('is started again if another process took a port first, and reports any other panic', async () => {
    const stack = 'for nth in $(seq 40); do echo "main.main() of line $nth" >&2; done; exit 2';
    const taken = 'echo "panic: listen tcp 127.0.0.1:1: bind: address already in use" >&2';
    const first = join(folder, 'first');
    const unlucky = await fake('unlucky', `[ -e ${first} ] && exec ${binary} "$@"\ntouch ${first}\n${taken}\n${stack}`);
    await serving(await startTemporal({ binary: unlucky.file, composeFile, uiPort: false }), async ({ pid }) => {
      expect(lives(pid)).toBe(true);
    });
    const broken = await fake('panicking', `echo "panic: the disk is full" >&2\n${stack}`);
    await expect(startTemporal({ binary: broken.file, composeFile })).rejects.toThrow('panic: the disk is full');
  });

  it('fails if the port is in use, without affecting the other server', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      await expect(startTemporal({ binary, composeFile, port })).rejects.toThrow(`port ${port} of 127.0.0.1`);
    } finally {
      other.close();
    }
  });
});
