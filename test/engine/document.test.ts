import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from '@jest/globals';
import { engineActivities, objectOf, parseText } from '../../workflows/engine/activity.ts';
import { createCommand, createRequest, openEnd, openReply } from '../../workflows/engine/client.ts';
import { quiet } from '../support/stack.ts';
import { bundle, dataConverter } from './environment.ts';

const examples = async () => {
  const page = await readFile('docs/engine.md', 'utf8');
  return [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);
};

/** Inside the package, so that `onward/engine` resolves to the package itself. */
const folder = resolve('dist/engine-example');
const files = ['article.ts', 'activities.ts', 'client.ts'].map((name) => join(folder, name));
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const all = await examples();
  await Promise.all(files.map((file, nth) => writeFile(file, all[nth] ?? '')));
});

it('shows code that compiles against the published package', async () => {
  expect(await examples()).toHaveLength(files.length);
  const compilerOptions = { rootDir: resolve('.'), rewriteRelativeImportExtensions: false };
  const config = { extends: resolve('tsconfig.json'), compilerOptions, include: files, exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiled = promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]);
  expect(
    await compiled.then(
      () => '',
      (error: { readonly stdout: string }) => error.stdout,
    ),
  ).toBe('');
});

it('shows a workflow that runs', async () => {
  quiet();
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const [code, connection, native] = await Promise.all([
    bundle(files[0] ?? ''),
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const taskQueue = `articles-${randomUUID()}`;
  const published: string[] = [];
  const activities = engineActivities(
    {
      publish: async ({ id }: { readonly id: string }) => {
        published.push(id);
        return { url: `/articles/${id}` };
      },
    },
    { publish: objectOf({ id: parseText }) },
    () => Context.current().info,
  );
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    dataConverter,
    workflowBundle: { code },
    activities,
  });
  await worker.runUntil(async () => {
    const client = new Client({ connection, dataConverter });
    const workflowId = `article-${randomUUID()}`;
    const args = [createRequest('start', 'article', workflowId)];
    const handle = await client.workflow.start('article', { workflowId, taskQueue, args });
    const command = createCommand('approve', 'ada', { key: 'once', fingerprint: 'ada' });
    const reply = await handle.executeUpdate<unknown, [unknown]>('approve', { args: [command], updateId: command.id });
    expect(openReply(reply, 'approve', command).result).toBe('done');
    const { runId } = await handle.describe();
    expect(openEnd(await handle.result(), 'article', runId)).toBeNull();
    expect(published).toEqual([workflowId]);
  });
  await Promise.all([connection.close(), native.close()]);
});
