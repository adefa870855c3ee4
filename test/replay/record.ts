import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import proto from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import { startStack, user } from '../support/stack.ts';
import { folder } from './histories.ts';
import { paths, policyOf } from './paths.ts';
import { snapshotFolder, snapshots } from './snapshots.ts';
import { MACHINE_VERSION } from '../../workflows/machine.ts';

const { History } = proto.temporal.api.history.v1;

/** `npm run histories`: keeps one history of each path, under the version of package.json. */
it.each(Object.entries(paths))('keeps the history of a journey: %s', async (name, path) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const stack = await startStack({ policy: policyOf(path) });
  try {
    const userId = user(name, path.labels);
    await stack.onward.start(userId, { accountType: path.accountType ?? 'individual' });
    await path.go(stack, userId);
    const history = await stack.client.workflow.getHandle(journeyId(userId)).fetchHistory();
    expect(history.events?.length).toBeGreaterThan(10);
    await mkdir(join(folder, version), { recursive: true });
    await writeFile(join(folder, version, `${name}.binpb`), History.encode(history).finish());
  } finally {
    await stack.close();
  }
});

it('keeps a journey in every place, as this version of the machine does', async () => {
  const kept = snapshots();
  expect(kept.length).toBeGreaterThan(30);
  await mkdir(snapshotFolder, { recursive: true });
  const lines = kept.map((one) => JSON.stringify(one)).join(',\n');
  await writeFile(join(snapshotFolder, `${MACHINE_VERSION}.json`), `[\n${lines}\n]\n`);
}, 60_000);
