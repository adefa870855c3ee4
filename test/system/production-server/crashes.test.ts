import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runTrial } from '../chaos/trial.ts';
import { production, startOwnProduction } from '../../support/own-server.ts';

/** Reported as skipped in `npm test`; `npm run test:production` provides the server. */
const onProduction = production === null ? describe.skip : describe;

onProduction('a Temporal server over PostgreSQL', () => {
  it('loses no journey while workers, gateways, the server and PostgreSQL are killed, and stores no secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onward-chaos-'));
    const { server, postgres, stop } = await startOwnProduction();
    let crashes = 0;
    const crash = async (downtimeMs: number) => {
      await postgres.crash();
      crashes += 1;
      await server.crash(downtimeMs);
    };
    try {
      const { figures, violations, leaks } = await runTrial({
        folder,
        server: {
          address: server.address,
          crash,
          readArtifacts: () => server.readArtifacts(),
          stop: () => server.stop(),
        },
        seed: 7,
        journeys: 60,
        interval: { minMs: 4_000, maxMs: 8_000 },
        maxDisruptions: 20,
        concurrency: 60,
        serverDowntimeMs: 500,
        deadline: AbortSignal.timeout(800_000),
        report: () => {},
      });
      expect(violations).toEqual([]);
      expect(leaks).toEqual([]);
      expect(crashes).toBeGreaterThan(0);
      expect(figures.searchedMegabytes['database']).toBeGreaterThan(0.1);
    } finally {
      await stop();
    }
  }, 900_000);
});
