import { readdir, readFile, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { codeOf, root } from '../architecture/imports.ts';
import { compile } from '../architecture/compile.ts';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { newestCode, uniqueUserId, waitForPosition } from '../support/stack.ts';
import { emptyProject, link, pack, resolutions, run, typeCheck } from './project.ts';
import { removeFolder } from '../support/remove-folder.ts';

/** `onward-client`, packed with its own `prepack` and installed by npm into an empty project, without the registry. */
let gateway: Gateway;
let project: string;
beforeAll(async () => {
  [gateway, project] = await Promise.all([startGateway(), emptyProject()]);
  const archive = await pack('packages/client', project);
  const { exit, output } = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', archive], project);
  if (exit !== 0) throw new Error(output);
}, 180_000);
afterAll(async () => {
  await gateway.close();
  await removeFolder(project);
});

const examples = async () => {
  const page = await readFile(join(project, 'node_modules/onward-client/README.md'), 'utf8');
  return [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);
};
const environment = () => ({ ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.app });

const esm = `
  import { OnwardClient, Problem, finalStates, type Status } from 'onward-client';
  const onward = new OnwardClient({ url: 'http://127.0.0.1' });
  export const status: Promise<Status> = onward.status('ada');
  export const isEnd = (state: Status['state']) => finalStates.some((each) => each === state);
  export const codeOf = (error: unknown) => (error instanceof Problem ? error.code : undefined);
  // @ts-expect-error a viewer's typing mistake
  export const wrong: number = status;
  // @ts-expect-error the channel does not exist
  void onward.submitCode('ada', { channel: 'post', code: '1234' });`;

describe('onward-client', () => {
  it('brings no other package', async () => {
    const installed = (await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['onward-client']);
    const files = await readdir(join(project, 'node_modules/onward-client'), { recursive: true });
    expect(files.toSorted()).toEqual(
      [
        'LICENSE',
        'README.md',
        'dist',
        'package.json',
        ...['cjs', 'd.cts', 'd.ts', 'js'].map((end) => `dist/index.${end}`),
      ].toSorted(),
    );
    const licence = await readFile(join(project, 'node_modules/onward-client/LICENSE'), 'utf8');
    expect(licence).toContain('eventsource-parser');
  });

  it.each(resolutions)(
    'type-checks under %s without the types of Node, as an ES module and as CommonJS',
    async (name, options) => {
      await writeFile(join(project, 'esm.ts'), esm);
      await writeFile(join(project, 'cjs.cts'), esm);
      const files = name === 'bundler' ? ['esm.ts'] : ['esm.ts', 'cjs.cts'];
      const lib = ['ES2023', 'DOM', 'DOM.AsyncIterable'];
      expect(await typeCheck(project, files, { ...options, lib, types: [], skipLibCheck: false })).toBe('');
    },
  );

  it('has the types of the gateway’s schemas, resolved', async () => {
    const own = [...codeOf('client/http-client/types.ts').matchAll(/^export (?:type|interface) (\w+)/gm)].map(
      ([, name = '']) => name,
    );
    expect(own.length).toBeGreaterThan(25);
    const flat = join(project, 'node_modules/onward-client/dist/index.js');
    const lines = own.map((name) => `export const is${name}: Same<flat.${name}, own.${name}> = true;`);
    const text = `
      import type * as flat from '${flat}';
      import type * as own from './client/http-client/types.ts';
      type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : [A] extends [B] ? ([B] extends [A] ? true : false) : false;
      ${lines.join('\n')}`;
    expect(await compile(text)).toBe('');
    expect(await compile(`${text}\n export const differs: Same<flat.Status, own.Operation> = true;`)).toContain(
      'TS2322',
    );
  });

  it.each([
    ['an ES module', 'story.mjs', "import { OnwardClient } from 'onward-client';"],
    ['CommonJS', 'story.cjs', "const { OnwardClient } = require('onward-client');"],
  ])('calls a gateway from %s', async (_, file, load) => {
    const user = uniqueUserId('ada');
    const story = `${load}
      const onward = new OnwardClient({ url: process.env.ONWARD_URL, token: process.env.ONWARD_TOKEN });
      onward.start('${user}', { accountType: 'individual' }).then(({ state }) => console.log(state));`;
    await writeFile(join(project, file), story);
    expect(await run(process.execPath, [file], project, environment())).toEqual({ exit: 0, output: 'emailPending\n' });
  });

  it('is bundled for a browser without anything of Node', async () => {
    await writeFile(
      join(project, 'page.js'),
      "import { OnwardClient } from 'onward-client'; globalThis.client = OnwardClient;",
    );
    const { outputFiles, warnings } = await build({
      entryPoints: [join(project, 'page.js')],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      minify: true,
      write: false,
    });
    const [{ text } = { text: '' }] = outputFiles;
    expect(warnings).toEqual([]);
    expect(text).not.toMatch(/\brequire\(|node:|\bBuffer\b|\bprocess\b/);
    expect(text.length).toBeLessThan(20_000);
  });
});

describe('the README of onward-client', () => {
  it('has a backend that verifies a user', async () => {
    const [backend = ''] = await examples();
    await writeFile(join(project, 'backend.ts'), backend);
    await link('@types/node', project);
    await link('undici-types', project);
    expect(await typeCheck(project, ['backend.ts'], { module: 'nodenext', types: ['node'], skipLibCheck: true })).toBe(
      '',
    );
    await build({ entryPoints: [join(project, 'backend.ts')], outfile: join(project, 'backend.mjs'), format: 'esm' });
    const [port = 0] = await freePorts([0]);
    const child = spawn(process.execPath, ['backend.mjs'], {
      cwd: project,
      env: { ...process.env, ...environment(), PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const user = uniqueUserId('bob');
      const call = async (method: string, path: string, body?: object) => {
        const init = { method, headers: { 'x-user-id': user }, ...(body && { body: JSON.stringify(body) }) };
        return (await fetch(`http://127.0.0.1:${port}${path}`, init)).json() as Promise<Record<string, unknown>>;
      };
      expect(await call('POST', '/sign-up')).toMatchObject({ state: 'emailPending' });
      for (const [channel, state] of [
        ['email', 'emailPending'],
        ['sms', 'smsPending'],
      ] as const) {
        await waitForPosition(gateway.stack, user, `${state}.awaitingCode`);
        const code = await newestCode(gateway.stack, user, channel);
        expect(await call('POST', '/verification/code', { channel, code })).toMatchObject({ outcome: 'verified' });
      }
      expect(await call('GET', '/verification')).toMatchObject({ state: 'done', allowed: {} });
      expect(await call('POST', '/verification/resend')).toMatchObject({ code: 'invalid_state' });
      expect(await call('GET', '/elsewhere')).toMatchObject({ code: 'not_found' });
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });

  it('has examples that compile, and names every call', async () => {
    const texts = await examples();
    expect(texts).toHaveLength(2);
    await Promise.all(texts.map((text, nth) => writeFile(join(project, `example-${nth}.ts`), text)));
    const files = texts.map((__, nth) => `example-${nth}.ts`);
    expect(await typeCheck(project, files, { module: 'nodenext', types: ['node'], skipLibCheck: true })).toBe('');
    const page = await readFile(join(root, 'packages/client/README.md'), 'utf8');
    const calls = [
      ...codeOf('client/http-client/client.ts').matchAll(
        /^ {2}(?:async )?\*?(\w+)\(\s*(?:userId|query|request|id|options)\b/gm,
      ),
    ].map(([, name = '']) => name);
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
