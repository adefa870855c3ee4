import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Fleet } from '../../sandbox/fleet/fleet.ts';
import { judge } from '../../sandbox/outage/judge.ts';
import { play, policyOf } from '../../sandbox/outage/scene.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import { startOwnServer } from '../support/own-server.ts';

it('loses nobody when the provider goes and comes, and a worker is killed in the drain', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-outage-'));
  const pace = { perSecond: 5, upToPerSecond: 10 };
  const server = await startOwnServer();
  const sfox = await startSfox();
  const fleet = await Fleet.start({
    folder,
    address: server.address,
    sfox,
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
    await sfox.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 200_000);
