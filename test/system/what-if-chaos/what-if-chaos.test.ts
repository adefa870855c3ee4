import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { quiet } from '../../support/sdk-log.ts';
import { compareWorlds } from './compare-worlds.ts';

it('agrees with the same journeys really lived under the other policy, while the provider fails and workers change', async () => {
  quiet();
  const { disagreements, results, ...figures } = await compareWorlds({
    binary: process.env['TEST_TEMPORAL_BINARY'] ?? '',
    composeFile: resolve('temporal-dev.yml'),
    seed: 7,
    journeys: 30,
    concurrency: 15,
    report: () => {},
  });
  expect(disagreements).toEqual([]);
  expect(figures.agreed).toBe(30 - figures.interrupted);
  expect(figures.agreed).toBeGreaterThan(15);
  expect(results).toMatchObject({ unreadable: 0 });
  expect(results.same).toBeGreaterThan(0);
  expect(results.undecided).toBeGreaterThan(0);
  expect(figures.readFromHistory).toBeGreaterThan(15);
}, 900_000);
