import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { createRequest } from '../../workflows/engine/client.ts';
import { migrate } from '../../workflows/engine/core/migrations.ts';
import type { StoredState } from '../../workflows/engine/core/snapshot.ts';
import { bundle } from '../../worker/bundle.ts';
import { deserialize } from '../../workflows/journey/transition.ts';
import { journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { MACHINE_VERSION, onboarding } from '../../workflows/journey/machine.ts';
import { migrations } from '../../workflows/journey/stored/migrations.ts';
import { allowedIn, positionOf } from '../../workflows/journey/status/status.ts';
import { enterCode, quickPolicy, startStack, waitForPosition, waitUntil, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { readStoredSnapshots } from './snapshots.ts';

const versions = Array.from({ length: MACHINE_VERSION }, (_, index) => index + 1);

let stored: ReadonlyMap<number, readonly StoredState[]>;
beforeAll(async () => {
  stored = await readStoredSnapshots();
});

describe('saved journeys', () => {
  it.each(versions)('of version %i are migrated to the current one in every position, and continue', (version) => {
    for (const storedState of stored.get(version) ?? []) {
      expect(migrate({ ...storedState }, MACHINE_VERSION, migrations)['version']).toBe(MACHINE_VERSION);
      const { snapshot } = deserialize({ ...storedState });
      expect(snapshot.machine === onboarding).toBe(true);
      expect(snapshot.value).toEqual(storedState.value);
      const { value } = storedState;
      expect(positionOf(snapshot).state).toBe(typeof value === 'string' ? value : Object.keys(value)[0]);
      expect(allowedIn(snapshot)).toBeDefined();
    }
  });

  it('pass through the migration of every version in between', () => {
    const [first] = stored.get(1) ?? [];
    const older = { ...first, version: MACHINE_VERSION - 2, revision: undefined };
    const steps = {
      [MACHINE_VERSION - 2]: (snapshot: object) => ({ ...snapshot, revision: 1 }),
      [MACHINE_VERSION - 1]: (snapshot: object) => ({ ...snapshot, revision: 2 }),
    };
    expect(migrate(older, MACHINE_VERSION, steps)).toEqual({ ...first, version: MACHINE_VERSION, revision: 2 });
  });

  it('of a newer or unknown version are rejected', () => {
    const [newer, unknown] = [MACHINE_VERSION + 1, 0];
    expect(() => deserialize({ version: newer })).toThrow(`stored by version ${newer} of the machine`);
    expect(() => deserialize({ version: unknown })).toThrow(`stored by version ${unknown} of the machine`);
  });
});

describe('a run that starts from the snapshot of an older version', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ withoutWorker: true });
  });
  afterAll(() => stack?.close());

  it('continues until it is done', async () => {
    const userId = uniqueUserId('storedState');
    const waiting = stored
      .get(1)
      ?.find(({ value }) => JSON.stringify(value) === '{"emailPending":{"awaitingCode":"notReminded"}}');
    if (waiting === undefined) throw new Error('no snapshot waits for a code');
    const [startedAt, expiresAt] = [Date.now(), Date.now() + quickPolicy.journeyLife];
    const context = { ...Object(waiting.context), userId, policy: quickPolicy, startedAt, expiresAt, ledger: [] };
    const { taskQueue } = stack;
    const { code } = await bundle({ workflowsPath: resolve('test/replay/changed/older.ts') });
    const older = await startStack({ taskQueue, worker: { workflowBundle: { code } } });
    const handle = await stack.client.workflow.start(WORKFLOW_TYPE, {
      workflowId: journeyId(userId),
      taskQueue,
      args: [createRequest('start', WORKFLOW_TYPE, { ...waiting, context, timers: [] })],
    });
    const { firstExecutionRunId } = handle;
    await waitUntil(
      async () => (await handle.describe()).runId !== firstExecutionRunId,
      'the journey has continued as new',
    );
    await older.close();
    await stack.startWorker();
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    await stack.onward.resend(userId, {}, { role: 'app', name: 'shop' });
    await enterCode(stack, userId, 'email');
    await waitForPosition(stack, userId, 'smsPending.awaitingCode');
    await enterCode(stack, userId, 'sms');
    expect((await waitForPosition(stack, userId, 'done')).email).toMatchObject({
      status: 'verified',
      evidence: 'code',
    });
  });
});
