import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { run } from '../../../sandbox/process/run-main.ts';
import { findTemporal } from '../../../sandbox/temporal/index.ts';
import { compareWorlds } from './compare-worlds.ts';

const { env, stdout } = process;
const print = (text: string) => void stdout.write(`${text}\n`);

const CONCURRENCY = 50;

/** `npm run chaos:what-if -- --seed 7 --journeys 2000`: a what-if about journeys, and the same journeys under the other policy. */
async function main(): Promise<boolean> {
  const options = { seed: { type: 'string', default: '7' }, journeys: { type: 'string', default: '2000' } } as const;
  const { values } = parseArgs({ args: process.argv.slice(2), options });
  const [seed, journeys] = [Number(values.seed), Number(values.journeys)];
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed must be a whole number; got '${values.seed}'`);
  if (!Number.isInteger(journeys) || journeys < 1 || journeys > 5_000)
    throw new Error(`--journeys must be a whole number from 1 to 5000; got '${values.journeys}'`);
  // The provider's failures are no news. A signal ends the process, and not only its workers.
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache'), say: print });
  const startedAt = Date.now();
  const report = (message: string) =>
    print(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${message}`);
  const { disagreements, ...figures } = await compareWorlds({
    binary,
    composeFile: resolve('temporal-dev.yml'),
    seed,
    journeys,
    concurrency: CONCURRENCY,
    report,
  });
  print(JSON.stringify(figures, undefined, 2));
  print([`${disagreements.length} disagreements`, ...disagreements.map((each) => `  ${each}`)].join('\n'));
  return disagreements.length === 0;
}

await run(process, main);
