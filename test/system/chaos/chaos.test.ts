import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { runTrial } from './trial.ts';
import { startDurableServer } from '../fleet/durable-server.ts';

it('completes every journey as expected while processes are killed, counts them exactly, and stores no secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-chaos-'));
  const server = await startDurableServer(
    folder,
    process.env['TEST_TEMPORAL_BINARY'] ?? '',
    resolve('temporal-dev.yml'),
  );
  try {
    const { figures, violations, leaks } = await runTrial({
      folder,
      server,
      seed: 7,
      journeys: 20,
      interval: { minMs: 500, maxMs: 2_000 },
      maxDisruptions: 12,
      concurrency: 20,
      serverDowntimeMs: 500,
      deadline: AbortSignal.timeout(600_000),
      report: () => {},
    });
    expect(violations).toEqual([]);
    expect(leaks).toEqual([]);
    expect(figures.journeys).toBe(20);
    expect(figures.unknown).toBeGreaterThan(0);
    expect(figures.reportedRequests).toBeGreaterThan(0);
    expect(Object.keys(figures.searchedMegabytes)).toEqual(
      expect.arrayContaining(['temporal.db', 'logs', 'traces', 'errors']),
    );
    for (const name of ['logs', 'metrics', 'traces'])
      expect([name, figures.searchedMegabytes[name]]).not.toEqual([name, 0]);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 700_000);
