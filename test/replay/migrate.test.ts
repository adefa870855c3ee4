import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kept } from '../../workflows/keep.ts';
import { unpack } from '../../workflows/keep.ts';
import { journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { MACHINE_VERSION, onboarding } from '../../workflows/machine.ts';
import { migrate } from '../../workflows/migrate.ts';
import { allowedIn, placeOf } from '../../workflows/status.ts';
import { enterCode, quickPolicy, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { keptSnapshots, snapshots } from './snapshots.ts';

const versions = Array.from({ length: MACHINE_VERSION }, (_, index) => index + 1);

let kept: ReadonlyMap<number, readonly Kept[]>;
beforeAll(async () => {
  kept = await keptSnapshots();
});

describe('journeys that were kept', () => {
  it('are there for every version of the machine, this one with every place it knows', () => {
    expect([...kept.keys()].toSorted((a, b) => a - b)).toEqual(versions);
    const places = (all: readonly Kept[] = []) => new Set(all.map(({ value }) => JSON.stringify(value)));
    expect(places(kept.get(MACHINE_VERSION))).toEqual(places(snapshots()));
  });

  it.each(versions)('by version %i are brought to this one, in every place, and go on from there', (version) => {
    for (const old of kept.get(version) ?? []) {
      const now = migrate(old);
      expect([now.version, typeof now.tells]).toEqual([MACHINE_VERSION, 'boolean']);
      const { snapshot } = unpack(now);
      expect(snapshot.value).toEqual(old.value);
      expect(snapshot.machine === onboarding).toBe(true);
      expect(placeOf(snapshot).state).toBe(
        Object.keys(typeof old.value === 'string' ? { [old.value]: 0 } : old.value)[0],
      );
      expect(allowedIn(snapshot)).toBeDefined();
    }
  });

  it('keep whether their changes are told', () => {
    const [silent, told] = kept.get(1) ?? [];
    expect([silent, told].map((old) => old !== undefined && 'tells' in old)).toEqual([false, true]);
    expect([silent, told].map((old) => migrate(old as Kept).tells)).toEqual([false, true]);
  });

  it('by a newer version are refused, and so is a version that nobody knows', () => {
    expect(() => migrate({ version: MACHINE_VERSION + 1 })).toThrow('an older release cannot take it over');
    expect(() => migrate({ version: 0 })).toThrow('there is no way from one to the other');
  });
});

describe('a run that begins with what an older version has kept', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.close());

  it('goes on from there, to the end', async () => {
    const userId = user('old');
    const waiting = kept
      .get(1)
      ?.find(({ value }) => JSON.stringify(value) === '{"emailPending":{"awaitingCode":"waiting"}}');
    if (waiting === undefined) throw new Error('no such snapshot');
    const [startedAt, expiresAt] = [Date.now(), Date.now() + quickPolicy.journeyLife];
    const context = { ...waiting.context, userId, policy: quickPolicy, startedAt, expiresAt, ledger: [] };
    await stack.client.workflow.start(WORKFLOW_TYPE, {
      workflowId: journeyId(userId),
      taskQueue: stack.taskQueue,
      args: [{ kept: { ...waiting, context, timers: [] } }],
    });
    await untilAt(stack, userId, 'emailPending.awaitingCode');
    await stack.onward.resend(userId, {}, { role: 'app', name: 'shop' });
    await enterCode(stack, userId, 'email');
    await untilAt(stack, userId, 'smsPending.awaitingCode');
    await enterCode(stack, userId, 'sms');
    expect((await untilAt(stack, userId, 'done')).email).toMatchObject({ status: 'verified', evidence: 'code' });
  });
});
