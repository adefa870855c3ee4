import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { expect, it } from '@jest/globals';
import proto from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import { inAnOutage } from '../support/outage.ts';
import type { Outage } from '../support/outage.ts';
import { startReceiver } from '../support/receiver.ts';
import { shortHistories } from '../support/short-histories.ts';
import { quickPolicy, startStack, user } from '../support/stack.ts';
import { around, night } from './around.ts';
import { folder } from './histories.ts';
import { paths, policyOf } from './paths.ts';
import { snapshotFolder, snapshots } from './snapshots.ts';
import { MACHINE_VERSION } from '../../workflows/machine.ts';

const { History } = proto.temporal.api.history.v1;

/** `npm run histories`: keeps histories of each path and of what is around journeys, under the version of package.json. */
it.each(Object.entries(paths))('keeps the history of a journey: %s', async (name, path) => {
  const stack = await startStack({ policy: policyOf(path) });
  try {
    const userId = user(name, path.labels);
    await stack.onward.start(userId, { accountType: path.accountType ?? 'individual' });
    await path.go(stack, userId);
    expect(await keepHistory(stack.client, name, journeyId(userId))).toBeGreaterThan(10);
  } finally {
    await stack.close();
  }
});

it('keeps what is around journeys: operations, recovery, what is told; and a journey that continues as new', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'onward-histories-'));
  const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';
  const server = await startTemporal({ binary, composeFile: await shortHistories(scratch), uiPort: false });
  const receiver = await startReceiver();
  const options = {
    policy: { ...quickPolicy, guesses: { perCode: 40, perChannel: 80 } },
    worker: { receiver: { url: receiver.url, secret: `whsec_${Buffer.alloc(24, 'recorded').toString('base64')}` } },
    onward: { tellsStatus: true },
  };
  const keepAll = async ({ stack: { client } }: Outage) => {
    for (const [name, { query, most }] of Object.entries(around)) {
      let nth = 0;
      for await (const { workflowId, runId } of client.workflow.list({ query })) {
        if (nth === most) break;
        expect(await keepHistory(client, `${name}-${(nth += 1)}`, workflowId, runId)).toBeGreaterThan(5);
      }
      expect([name, nth]).not.toEqual([name, 0]);
    }
  };
  try {
    const tell = (outage: Outage) => night(outage, receiver).then(() => keepAll(outage));
    await inAnOutage(server.address, { slices: 2 }, tell, options);
  } finally {
    await Promise.all([receiver.close(), server.stop()]);
    await rm(scratch, { recursive: true, force: true });
  }
}, 120_000);

/** Gives the number of its events. */
async function keepHistory(client: Client, name: string, workflowId: string, runId?: string): Promise<number> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  await mkdir(join(folder, version), { recursive: true });
  await writeFile(join(folder, version, `${name}.binpb`), History.encode(history).finish());
  return history.events?.length ?? 0;
}

it('keeps a journey in every place, as this version of the machine does', async () => {
  const kept = snapshots();
  expect(kept.length).toBeGreaterThan(30);
  await mkdir(snapshotFolder, { recursive: true });
  const lines = kept.map((one) => JSON.stringify(one)).join(',\n');
  await writeFile(join(snapshotFolder, `${MACHINE_VERSION}.json`), `[\n${lines}\n]\n`);
}, 60_000);
