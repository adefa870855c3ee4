import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultPolicy } from '../../../workflows/journey/policy/policy.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { newestCode, uniqueUserId } from '../../support/stack.ts';

const run = promisify(execFile);
const stories = resolve('test/client/gateway/generated-clients');
const folder = resolve('.cache/generated-clients');
const document = join(folder, 'openapi.json');
/** Compiling Go and its generator for the first time takes minutes on a busy machine. */
const COMPILE_MS = 600_000;

const hasGo =
  process.env['CI'] === 'true' ||
  (await run('go', ['mod', 'download'], { cwd: join(stories, 'go'), timeout: 60_000 }).then(
    () => true,
    () => false,
  ));

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ policy: defaultPolicy });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { body } = await gateway.call('GET', '/openapi.json', { as: null });
  await writeFile(document, JSON.stringify(body));
});
afterAll(() => gateway?.close());

/** Runs a story, enters the code that the simulator has sent, and returns the lines that the story printed. */
async function runStory(command: string, args: readonly string[], userId: string): Promise<readonly string[]> {
  const child = spawn(command, [...args, gateway.url, bearers.app, userId], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('resend ')) child.stdin.end(`${await newestCode(gateway.stack, userId, 'email')}\n`);
  }
  expect(errors).toBe('');
  return lines;
}

const expected = ['status emailPending awaitingCode', 'resend 429 cooling_down true', 'code verified verified'];

describe('a client generated from the OpenAPI document', () => {
  it(
    'compiles as TypeScript and completes an e-mail verification',
    async () => {
      const generator = 'node_modules/swagger-typescript-api/dist/cli.mjs';
      await run(process.execPath, [generator, 'generate', '-p', document, '-o', folder, '-n', 'api.ts', '--silent']);
      await rename(join(folder, 'api.ts'), join(folder, 'api.mts'));
      await copyFile(join(stories, 'typescript/story.mts'), join(folder, 'story.mts'));
      const options = ['--strict', '--target', 'ES2023', '--module', 'NodeNext', '--lib', 'ES2023,DOM,DOM.Iterable'];
      const files = [join(folder, 'api.mts'), join(folder, 'story.mts')];
      const tsc = ['node_modules/typescript/bin/tsc', '--ignoreConfig', ...options, '--types', 'node', ...files];
      await run(process.execPath, tsc).catch(({ stdout }: { stdout: string }) => {
        throw new Error(stdout);
      });
      expect(await runStory(process.execPath, [join(folder, 'story.mjs')], uniqueUserId('tess'))).toEqual(expected);
    },
    COMPILE_MS,
  );

  const goIt = hasGo ? it : it.skip;
  goIt(
    'compiles as Go and completes an e-mail verification (skipped without Go or its modules)',
    async () => {
      const cwd = join(stories, 'go');
      const generate = ['tool', 'oapi-codegen', '-generate', 'types,client', '-package', 'main'];
      await run('go', [...generate, '-o', join(cwd, 'client.gen.go'), document], { cwd });
      const program = join(folder, 'story-go');
      await run('go', ['build', '-o', program, '.'], { cwd });
      // oxlint-disable-next-line jest/no-standalone-expect
      expect(await runStory(program, [], uniqueUserId('gil'))).toEqual(expected);
    },
    COMPILE_MS,
  );
});
