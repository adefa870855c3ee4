import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { Fleet } from '../../sandbox/fleet/fleet.ts';
import { judge } from '../../sandbox/outage/judge.ts';
import { play, policyOf } from '../../sandbox/outage/scene.ts';

it('loses nobody when the provider goes and comes, and a worker is killed in the drain', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-outage-'));
  const pace = { perSecond: 5, upToPerSecond: 10 };
  const fleet = await Fleet.start({
    folder,
    binary: process.env['TEST_TEMPORAL_BINARY'] ?? '',
    composeFile: resolve('temporal-dev.yml'),
    policy: policyOf(pace, { every: '3 s', codeLife: '5 s' }),
    workers: 2,
    gateways: 1,
  });
  try {
    const users = Array.from({ length: 24 }, (_, nth) => `user${nth}`);
    const over = AbortSignal.timeout(150_000);
    const told: string[] = [];
    const marks = await play({ fleet, users, over, tell: (what) => void told.push(what), show: () => {} });
    const verdict = judge(fleet.sfox.requests(), marks, pace);
    expect(verdict.complaints).toEqual([]);
    expect(verdict.drained.map(({ canary }) => canary)).toEqual([expect.any(String), expect.any(String)]);
    expect(verdict.sent).toBeGreaterThanOrEqual(48);
    expect(told.at(-1)).toBe('every journey is done');
    const items = await Promise.all(users.map((userId) => fleet.as('app').status(userId)));
    expect(items.every(({ state }) => state === 'done')).toBe(true);
  } finally {
    await fleet.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 200_000);
