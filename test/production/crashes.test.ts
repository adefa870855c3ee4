import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { trial } from '../../sandbox/chaos/trial.ts';
import { production, startOwnProduction } from '../support/own-server.ts';

/** Skipped by name where there is no such server: `npm run test:production` brings one. */
const onProduction = production === null ? describe.skip : describe;

onProduction('a Temporal server over PostgreSQL', () => {
  it('loses nobody while workers, gateways, the server and PostgreSQL itself are killed, and keeps no secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onward-chaos-'));
    const { server, postgres, stop } = await startOwnProduction();
    let crashes = 0;
    const crash = async (downFor: number) => {
      await postgres.crash();
      crashes += 1;
      await server.crash(downFor);
    };
    try {
      const { figures, complaints, leaks } = await trial({
        folder,
        server: { address: server.address, crash, kept: () => server.kept(), stop: () => server.stop() },
        seed: 7,
        journeys: 60,
        gap: { least: 4_000, most: 8_000 },
        atOnce: 60,
        downFor: 500,
        over: AbortSignal.timeout(400_000),
        tell: () => {},
      });
      expect(complaints).toEqual([]);
      expect(leaks).toEqual([]);
      expect(crashes).toBeGreaterThan(0);
      expect(figures.searched['database']).toBeGreaterThan(0.1);
    } finally {
      await stop();
    }
  }, 500_000);
});
