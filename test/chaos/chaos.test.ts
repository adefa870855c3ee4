import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { trial } from '../../sandbox/chaos/trial.ts';
import { startDurable } from '../../sandbox/fleet/server.ts';

it('leaves everyone where their way ends, whatever is killed, and no secret anywhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-chaos-'));
  const server = await startDurable(folder, process.env['TEST_TEMPORAL_BINARY'] ?? '', resolve('temporal-dev.yml'));
  try {
    const { figures, complaints, leaks } = await trial({
      folder,
      server,
      seed: 7,
      journeys: 20,
      gap: { least: 500, most: 2_000 },
      atOnce: 20,
      downFor: 500,
      over: AbortSignal.timeout(150_000),
      tell: () => {},
    });
    expect(complaints).toEqual([]);
    expect(leaks).toEqual([]);
    expect(figures.journeys).toBe(20);
    expect(figures.unknown).toBeGreaterThan(0);
    expect(Object.keys(figures.searched)).toEqual(expect.arrayContaining(['temporal.db', 'logs', 'traces', 'errors']));
    for (const name of ['logs', 'metrics', 'traces']) expect([name, figures.searched[name]]).not.toEqual([name, 0]);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 200_000);
