import { execFile } from 'node:child_process';
import { chmod, chown, link, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { launch } from '../../sandbox/process/launch.ts';
import { run } from '../../sandbox/process/run-command.ts';
import { lock } from '../../sandbox/stack/lock.ts';
import { writePrivately } from '../../sandbox/stack/private-folder.ts';
import { sandboxSettings } from '../../sandbox/config.ts';
import { findProblem } from '../../sandbox/temporal/binary.ts';
import { waitUntil } from '../support/stack.ts';

let folder: string;
let elsewhere: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-private-'));
  elsewhere = await mkdtemp(join(tmpdir(), 'onward-elsewhere-'));
});
afterEach(async () => {
  for (const each of [folder, elsewhere]) await rm(each, { recursive: true, force: true });
});

describe('the data folder', () => {
  it('is created with access for its owner only', async () => {
    const { release } = await lock(join(folder, 'new', 'data'));
    expect((await stat(join(folder, 'new', 'data'))).mode & 0o777).toBe(0o700);
    await release();
  });

  it.each([0o770, 0o707, 0o777, 0o1777])('is refused where others may write to it: mode %o', async (mode) => {
    await chmod(folder, mode);
    await expect(lock(folder)).rejects.toThrow(/must not be writable by others.*set ONWARD_DATA/);
  });

  it('is refused where it is a symbolic link', async () => {
    const named = join(elsewhere, 'data');
    await symlink(folder, named);
    await expect(lock(named)).rejects.toThrow(/must be a folder, not a link/);
  });

  it.each(['gateway.json', 'made.json', 'sfox.json', 'temporal.log', 'temporal.db', 'audit.log'])(
    'is refused where %s was laid out as a link, and nothing is written there',
    async (name) => {
      const collected = join(elsewhere, 'collected');
      await writeFile(collected, 'as before');
      await symlink(collected, join(folder, name));
      await expect(lock(folder)).rejects.toThrow(/must not be a symbolic link/);
      await rm(join(folder, name));
      await link(collected, join(folder, name));
      await expect(lock(folder)).rejects.toThrow(/must not have another name/);
      expect(await readFile(collected, 'utf8')).toBe('as before');
    },
  );

  const users = process.getuid?.() === 0 ? [65_534] : [];
  // Only root can give a file away.
  it.each(users)('is refused where it, or a file in it, belongs to another user: %i', async () => {
    await writeFile(join(folder, 'made.json'), '{"ports":{}}');
    await chown(join(folder, 'made.json'), 65_534, 65_534);
    await expect(lock(folder)).rejects.toThrow(/made.json must belong to you; it belongs to user 65534/);
    await chown(folder, 65_534, 65_534);
    await expect(lock(folder)).rejects.toThrow(/must belong to you/);
  });
});

it('writes a secret into a new file of its owner, and not through a link or into a file that is open elsewhere', async () => {
  const collected = join(elsewhere, 'collected');
  await writeFile(collected, 'as before', { mode: 0o666 });
  await symlink(collected, join(folder, 'gateway.json'));
  await writePrivately(join(folder, 'gateway.json'), 'a secret');
  expect(await readFile(collected, 'utf8')).toBe('as before');
  expect(await readFile(join(folder, 'gateway.json'), 'utf8')).toBe('a secret');
  expect((await stat(join(folder, 'gateway.json'))).mode & 0o777).toBe(0o600);
});

describe('a program that is not part of Onward', () => {
  const secret = 'whsec_of_the_environment_of_this_test';
  beforeEach(() => {
    process.env['ONWARD_WEBHOOK_SECRETS'] = secret;
    process.env['ENTERPRISE_API_KEY'] = secret;
  });
  afterEach(() => {
    delete process.env['ONWARD_WEBHOOK_SECRETS'];
    delete process.env['ENTERPRISE_API_KEY'];
  });

  it('sees no setting and no secret of Onward in its environment', async () => {
    const spy = join(folder, 'temporal');
    const seen = join(folder, 'seen');
    await writeFile(spy, `#!/bin/sh\nenv >> '${seen}'\necho temporal version 1.5.1\n`, { mode: 0o755 });
    expect(await findProblem(spy)).toBeNull();
    expect(await run(spy, [])).toContain('temporal version');
    const log = join(folder, 'log');
    const { exited } = await launch(spy, [], log);
    await waitUntil(() => exited.aborted, 'it has ended');
    const environment = await readFile(seen, 'utf8');
    expect(environment.match(/^PATH=/gm)).toHaveLength(3);
    expect(environment).not.toContain(secret);
    expect(environment).not.toMatch(/^(ONWARD|ENTERPRISE|SFOX|TEMPORAL)_/m);
  });

  it('writes its log not through a symbolic link', async () => {
    await writeFile(join(elsewhere, 'collected'), 'as before');
    await symlink(join(elsewhere, 'collected'), join(folder, 'log'));
    await expect(launch('/bin/true', [], join(folder, 'log'))).rejects.toThrow(/ELOOP/);
  });
});

describe('npm start', () => {
  const given = { TEMPORAL_ADDRESS: 'temporal.example.com:7233', ENTERPRISE_API_KEY: 'a-key' };

  it('refuses a Temporal server without its provider, which the simulator would replace', () => {
    expect(() => sandboxSettings(given)).toThrow(/SFOX_BASE_URL is missing, although TEMPORAL_ADDRESS names a server/);
    expect(() => sandboxSettings({ ...given, SFOX_BASE_URL: 'https://api.staging.sfox.com' })).not.toThrow();
    expect(sandboxSettings({}).provider).toBeUndefined();
  });

  it('ends with that message before it connects to anything', async () => {
    const started = promisify(execFile)(process.execPath, [resolve('dist/sandbox/start.js')], {
      env: { PATH: process.env['PATH'], ONWARD_DATA: folder, ...given },
      timeout: 60_000,
    });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('SFOX_BASE_URL is missing'),
    });
  });
});
