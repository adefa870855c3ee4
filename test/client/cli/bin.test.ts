import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { runProcess } from './run-cli.ts';

it('is executable, and runs the CLI of the build', async () => {
  expect((await stat('bin/onward.js')).mode & 0o111).toBe(0o111);
  const found = await runProcess(resolve('bin/onward.js'), ['--version'], {});
  expect(found).toMatchObject({ exit: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/), err: '' });
});

it('says in one line what is missing before the first build', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-unbuilt-'));
  try {
    await cp('package.json', join(folder, 'package.json'));
    await cp('bin', join(folder, 'bin'), { recursive: true });
    const err = 'onward: this checkout is not built yet; run: npm ci && npm run build\n';
    expect(await runProcess(join(folder, 'bin/onward.js'), ['list'], {})).toEqual({ exit: 1, out: '', err });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
