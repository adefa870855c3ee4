import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTemporal } from '../../../sandbox/temporal/index.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { journeyId } from '../../../workflows/contract.ts';
import { shortHistories } from '../../support/short-histories.ts';
import {
  app,
  enterCode,
  waitUntil,
  keys,
  newestCode,
  operator,
  quickPolicy,
  startStack,
  waitForPosition,
  uniqueUserId,
  statusOf,
  timelineOf,
} from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';

describe('a server with a database file', () => {
  let folder: string;
  let server: TemporalServer;
  let stack: Stack;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onward-disk-'));
    server = await startTemporal({
      binary: process.env['TEST_TEMPORAL_BINARY'] ?? '',
      composeFile: await shortHistories(folder),
      uiPort: false,
      dbFile: join(folder, 'temporal.db'),
      logFile: join(folder, 'temporal.log'),
    });
    const guesses = { perCode: 40, perChannel: 80 };
    const policy = { ...quickPolicy, guesses, reminderAfter: 4_000, sends: { per10Minutes: 50, perDay: 50 } };
    stack = await startStack({ address: server.address, policy });
  });
  afterAll(async () => {
    await stack.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('continues a long journey as new, with its counters, idempotency keys and timer', async () => {
    const ada = uniqueUserId('ada');
    await stack.onward.start(ada, { accountType: 'individual' });
    await waitForPosition(stack, ada, 'emailPending.awaitingCode');
    const handle = stack.client.workflow.getHandle(journeyId(ada));
    const first = await handle.describe();
    const code = await newestCode(stack, ada, 'email');
    const keyed = (nth: number) => ({ ...app, idempotencyKey: `guess-${nth}` });
    const wrong = (nth: number) => ({
      channel: 'email' as const,
      code: `${(Number(code) + nth + 1) % 1_000_000}`.padStart(6, '0'),
    });
    for (let nth = 0; nth < 6; nth += 1) {
      expect(await stack.onward.submitCode(ada, wrong(nth), keyed(nth))).toMatchObject({ outcome: 'incorrect' });
    }
    const { runId } = await waitUntil(async () => {
      const now = await handle.describe();
      return now.runId !== first.runId && now;
    }, 'the journey has continued as new');
    expect(await waitForPosition(stack, ada, 'emailPending.awaitingCode')).toMatchObject({
      email: { guessesLeft: 34, sends: 1 },
    });
    expect(await stack.onward.submitCode(ada, wrong(0), keyed(0))).toMatchObject({ outcome: 'incorrect' });
    await expect(stack.onward.submitCode(ada, wrong(1), keyed(0))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(await statusOf(stack, ada)).toMatchObject({ email: { guessesLeft: 34 } });
    await waitUntil(async () => (await statusOf(stack, ada)).email?.sends === 2, 'the reminder was sent');
    expect((await timelineOf(stack, ada)).filter(({ what }) => what === 'Started')).toHaveLength(1);
    expect(runId).not.toBe(first.runId);
    expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it('continues a journey as new that receives only repeated commands', async () => {
    const cy = uniqueUserId('cy');
    await stack.onward.start(cy, { accountType: 'individual' });
    await waitForPosition(stack, cy, 'emailPending.awaitingCode');
    const { runId } = await stack.client.workflow.getHandle(journeyId(cy)).describe();
    for (let nth = 0; nth < 20; nth += 1) {
      expect(await enterCode(stack, cy, 'email')).toMatchObject({ outcome: 'verified' });
    }
    await waitUntil(async () => {
      const now = await stack.client.workflow.getHandle(journeyId(cy)).describe();
      return now.runId !== runId;
    }, 'the journey has continued as new');
    await waitForPosition(stack, cy, 'smsPending.awaitingCode');
    expect(await enterCode(stack, cy, 'sms')).toMatchObject({ outcome: 'verified' });
  });

  it('stores no API key, encryption key, code or address in clear', async () => {
    const bo = uniqueUserId('bo');
    await stack.onward.start(bo, { accountType: 'individual' });
    await waitForPosition(stack, bo, 'emailPending.awaitingCode');
    await enterCode(stack, bo, 'email');
    await waitForPosition(stack, bo, 'smsPending.awaitingCode');
    await stack.onward.pause(bo, { reason: 'under review' }, operator);
    await stack.onward.cancel(bo, { reason: 'said no-one@elsewhere.example' }, operator);
    await waitForPosition(stack, bo, 'cancelled');
    const mails = stack.sfox.outbox(bo);
    expect(mails).toHaveLength(2);
    const secrets = [
      stack.sfox.apiKey,
      Buffer.from(keys[0].key).toString('base64'),
      'no-one@elsewhere.example',
      ...mails.flatMap(({ to, code }) => [to, `"${code}"`]),
    ];
    const files = (await readdir(folder)).filter((name) => name.startsWith('temporal.'));
    expect(files).toContain('temporal.db');
    for (const name of files) {
      const bytes = await readFile(join(folder, name));
      for (const secret of secrets) expect([name, bytes.includes(secret) && secret]).toEqual([name, false]);
    }
    // Proves that the search works: the user's id, which is not secret, is stored in clear.
    const all = await Promise.all(files.map((name) => readFile(join(folder, name))));
    expect(all.some((bytes) => bytes.includes(bo))).toBe(true);
  });
});
