import { resolve } from 'node:path';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';

/** A Temporal server for tests that own the whole namespace: its Schedule, its lists and its counts. */
export function startOwnServer(): Promise<TemporalServer> {
  const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';
  return startTemporal({ binary, composeFile: resolve('temporal-dev.yml'), uiPort: false });
}
