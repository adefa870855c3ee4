import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll, expect, it } from '@jest/globals';
import proto from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import { startOutage } from '../support/outage.ts';
import type { Outage } from '../support/outage.ts';
import { startReceiver } from '../support/receiver.ts';
import { shortHistories } from '../support/short-histories.ts';
import { quickPolicy, startStack, uniqueUserId } from '../support/stack.ts';
import { systemWorkflows, runSystemWorkflows } from './system-workflows.ts';
import { historiesFolder } from './histories.ts';
import { paths, buildPolicy } from './paths.ts';
import { snapshotFolder, createSnapshots } from './snapshots.ts';
import { MACHINE_VERSION } from '../../workflows/journey/machine.ts';

const { History } = proto.temporal.api.history.v1;

const recorded = new Map<string, Uint8Array>();
// All together at the end, so that a recording that is stopped changes no file.
afterAll(async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  await mkdir(join(historiesFolder, version), { recursive: true });
  for (const [name, bytes] of recorded) await writeFile(join(historiesFolder, version, `${name}.binpb`), bytes);
});

/** `npm run histories`: records a history of each path and of each other workflow, in the folder of the version in package.json. */
it.each(Object.entries(paths))('records the history of a journey: %s', async (name, path) => {
  const stack = await startStack({ policy: buildPolicy(path) });
  try {
    const userId = uniqueUserId(name, path.labels);
    await stack.onward.start(userId, { accountType: path.accountType ?? 'individual' });
    await path.run(stack, userId);
    expect(await saveHistory(stack.client, name, journeyId(userId))).toBeGreaterThan(10);
  } finally {
    await stack.close();
  }
});

it('records the other workflows (operations, recovery, webhooks) and a journey that continues as new', async () => {
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'onward-histories-'));
  const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';
  const server = await startTemporal({ binary, composeFile: await shortHistories(temporaryFolder), uiPort: false });
  const receiver = await startReceiver();
  const options = {
    policy: { ...quickPolicy, guesses: { perCode: 40, perChannel: 80 } },
    worker: { receiver: { url: receiver.url, secret: `whsec_${Buffer.alloc(24, 'recorded').toString('base64')}` } },
    onward: { notifyReceiver: true },
  };
  const saveAll = async ({ stack: { client } }: Outage) => {
    for (const [name, { query, most }] of Object.entries(systemWorkflows)) {
      let nth = 0;
      for await (const { workflowId, runId } of client.workflow.list({ query })) {
        if (nth === most) break;
        expect(await saveHistory(client, `${name}-${(nth += 1)}`, workflowId, runId)).toBeGreaterThan(5);
      }
      expect([name, nth]).not.toEqual([name, 0]);
    }
  };
  try {
    const recordAll = (outage: Outage) => runSystemWorkflows(outage, receiver).then(() => saveAll(outage));
    await startOutage(server.address, { slices: 2 }, recordAll, options);
  } finally {
    await Promise.all([receiver.close(), server.stop()]);
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}, 120_000);

/** Keeps a history until all are recorded. Returns the number of its events. */
async function saveHistory(client: Client, name: string, workflowId: string, runId?: string): Promise<number> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  recorded.set(name, History.encode(history).finish());
  return history.events?.length ?? 0;
}

it('records the snapshot of a journey in every position of this version', async () => {
  const snapshots = createSnapshots();
  expect(snapshots.length).toBeGreaterThan(30);
  await mkdir(snapshotFolder, { recursive: true });
  const lines = snapshots.map((one) => JSON.stringify(one)).join(',\n');
  await writeFile(join(snapshotFolder, `${MACHINE_VERSION}.json`), `[\n${lines}\n]\n`);
}, 300_000);
