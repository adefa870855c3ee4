import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Fleet } from '../fleet/fleet.ts';
import { verifyOutcome } from './verify-outcome.ts';
import { runScenario, buildPolicy } from './run-scenario.ts';
import { startSfox } from '../../../sandbox/sfox/index.ts';
import { startOwnServer } from '../../support/own-server.ts';

it('loses no journey in two outages of the provider, with a worker killed during recovery', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-outage-'));
  const rate = { perSecond: 5, upToPerSecond: 10 };
  const server = await startOwnServer();
  const sfox = await startSfox();
  const fleet = await Fleet.start({
    folder,
    address: server.address,
    sfox,
    policy: buildPolicy(rate, { every: '3 s', codeLife: '5 s' }),
    workers: 2,
    gateways: 1,
  });
  try {
    const users = Array.from({ length: 24 }, (_, nth) => `user${nth}`);
    const deadline = AbortSignal.timeout(280_000);
    const messages: string[] = [];
    const changes = await runScenario({
      fleet,
      users,
      deadline,
      report: (what) => void messages.push(what),
      show: () => {},
    });
    const result = verifyOutcome(fleet.sfox.requests(), changes, rate);
    expect(result.violations).toEqual([]);
    expect(result.drains.map(({ canary }) => canary)).toEqual([expect.any(String), expect.any(String)]);
    expect(result.sentCodes).toBeGreaterThanOrEqual(48);
    expect(messages.at(-1)).toBe('every journey is done');
    const items = await Promise.all(users.map((userId) => fleet.client('app').status(userId)));
    expect(items.every(({ state }) => state === 'done')).toBe(true);
  } finally {
    await fleet.close();
    await sfox.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
