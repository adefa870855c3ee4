import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '../architecture/imports.ts';
import { uniqueUserId, waitUntil } from '../support/stack.ts';
import { emptyProject, link, pack, resolutions, run, typeCheck, unpack } from './project.ts';
import { removeFolder } from '../support/remove-folder.ts';

/** `onward`, packed from what the build has made, in a project that has only its declared dependencies. */
let project: string;
let onward: string;
beforeAll(async () => {
  project = await emptyProject();
  // `prepack` is the build, which has just run.
  await unpack(await pack('.', project, '--ignore-scripts'), project, 'onward');
  onward = join(project, 'node_modules/onward/dist/client/cli/main.js');
}, 120_000);
afterAll(() => removeFolder(project));

const cli = (...args: string[]) => run(process.execPath, [onward, ...args], project);

const consumer = `
  import { connect, createWorker, encryptionKeys, InvalidState, Onward, setup, temporalSettings } from 'onward/embedded';
  import { defineModel, effect, setupWorkflow } from 'onward/engine';
  import { engineActivities } from 'onward/engine/activity';
  import { createCommand } from 'onward/engine/client';
  import { OnwardClient } from 'onward/client';
  const keys = encryptionKeys(process.env);
  const client = await connect(temporalSettings(process.env), keys);
  await setup(client);
  const facade = new Onward({ client });
  export const state: string = (await facade.status('ada')).state;
  export const isEmbedded = (error: unknown) => error instanceof InvalidState && error.allowed.resend !== undefined;
  export { createCommand, createWorker, defineModel, effect, engineActivities, OnwardClient, setupWorkflow };
  // @ts-expect-error an account has one of two types
  void facade.start('ada', { accountType: 'company' });
  // @ts-expect-error what a module exports is not \`any\`
  export const wrong: number = [createWorker, defineModel, effect, engineActivities, createCommand];`;

describe('the package onward', () => {
  it('contains what runs and no test, and can be published', async () => {
    const folder = join(project, 'node_modules/onward');
    const files = (await readdir(folder, { recursive: true })).filter((path) => !path.includes('node_modules'));
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'temporal-dev.yml']));
    expect(files).toEqual(
      expect.arrayContaining(
        ['console/pages/index.html', 'console/pages/machine.json'].map((path) => `dist/client/${path}`),
      ),
    );
    expect(files).toContain('dist/worker/workflow-bundle.js');
    expect(files.filter((path) => /^(test|bench|docs|dist\/(test|bench))\b|\.map$|(?<!\.d)\.ts$/.test(path))).toEqual(
      [],
    );
    const { scripts, ...fields } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(fields).toMatchObject({ license: 'MIT', publishConfig: { provenance: true } });
    expect(fields).not.toHaveProperty('private');
    expect(scripts.prepack).toContain('run --silent build');
    const client = JSON.parse(await readFile(join(root, 'packages/client/package.json'), 'utf8'));
    expect(client).toMatchObject({ version: fields.version, license: 'MIT', publishConfig: { provenance: true } });
  });

  it.each(resolutions)('type-checks under %s', async (_, options) => {
    await writeFile(join(project, 'consumer.ts'), consumer);
    if (!(await readdir(join(project, 'node_modules'))).includes('@types')) await link('@types/node', project);
    expect(await typeCheck(project, ['consumer.ts'], { ...options, types: ['node'], skipLibCheck: true })).toBe('');
  });

  it('has declarations without an error of their own', async () => {
    const options = { module: 'nodenext', types: ['node'], skipLibCheck: false };
    const report = await typeCheck(project, ['consumer.ts'], options);
    expect(report.split('\n').filter((line) => line.startsWith('node_modules/onward/'))).toEqual([]);
  });

  it('is loaded by its names', async () => {
    const names = ['client', 'embedded', 'engine/activity', 'engine/client', 'package.json'].map(
      (name) => `onward/${name}`,
    );
    const code = `for (const name of ${JSON.stringify(names)}) import(name, name.endsWith('json') ? { with: { type: 'json' } } : {})
      .then((module) => console.log(name, Object.keys(module).length > 0));`;
    const { output } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', '--eval', code], project);
    expect(output.trim().split('\n').toSorted()).toEqual(names.map((name) => `${name} true`).toSorted());
  });

  it('has a command that names its processes, and starts them', async () => {
    expect((await cli('--help')).output).toMatch(/^ {2}worker [\s\S]*^ {2}gateway [\s\S]*^ {2}dev /m);
    expect(await cli('dev', '--help')).toMatchObject({ exit: 0, output: expect.stringContaining('onward dev') });
    const missing = { exit: 1, output: expect.stringContaining('ONWARD_ENCRYPTION_KEYS is missing') };
    expect(await cli('worker')).toMatchObject(missing);
    expect(await cli('gateway')).toMatchObject(missing);
    expect(await cli('worker', 'twice')).toMatchObject({ exit: 2 });
  });

  it('is the whole stack with `onward dev` in an empty folder', async () => {
    const child = spawn(process.execPath, [onward, 'dev'], {
      cwd: project,
      env: {
        ...process.env,
        TEMPORAL_CLI: process.env['TEST_TEMPORAL_BINARY'],
        TEMPORAL_ADDRESS: '',
        ONWARD_DATA: '',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    try {
      await waitUntil(() => text.includes('Ctrl-C stops everything'), 'the stack is up');
      const user = uniqueUserId('ada', '.both-verified');
      expect(await cli('start', user)).toMatchObject({ exit: 0 });
      await waitUntil(async () => {
        const { output } = await cli('status', user, '--json');
        return (JSON.parse(output) as { state: string }).state === 'done';
      }, 'the user is verified');
      const [, page = ''] = /console +(\S+);/.exec(text) ?? [];
      expect(await (await fetch(page)).text()).toContain('importmap');
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  }, 240_000);
});
