import { resolve } from 'node:path';
import { findTemporal, startTemporal } from '../../dist/sandbox/temporal/index.js';

/** One Temporal server in memory for the whole run, or the one that TEST_TEMPORAL_ADDRESS names. The workflow bundle is the one that the build has made. */
export default async function globalSetup() {
  const say = (line) => process.stderr.write(`${line}\n`);
  const { TEMPORAL_CLI: explicit, PATH: path } = process.env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache'), say });
  process.env.TEST_TEMPORAL_BINARY = binary;
  if (process.env.TEST_TEMPORAL_ADDRESS) return;
  const server = await startTemporal({ binary, composeFile: resolve('temporal-dev.yml'), uiPort: false });
  globalThis.temporalServer = server;
  process.env.TEST_TEMPORAL_ADDRESS = server.address;
}
