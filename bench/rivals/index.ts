import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { readCpuMs } from '../harness/cost.ts';
import { runJourneys } from '../harness/load.ts';
import { spreadOf } from '../harness/numbers.ts';
import type { Spread } from '../harness/numbers.ts';
import { startProvider } from '../harness/provider.ts';
import type { Provider } from '../harness/provider.ts';
import type { Size } from '../twin/block.ts';
import { bullmq } from './bullmq.ts';
import { crashDuringSends } from './crash.ts';
import type { CrashResult, CrashOptions } from './crash.ts';
import { withoutEngine } from './without-engine.ts';
import { onward } from './onward.ts';
import { FOLDER } from './parts.ts';
import { restate, restateXstate } from './restate.ts';
import type { Contender, Rival } from './rival.ts';

export interface RivalFigures {
  readonly name: string;
  readonly parts: string;
  readonly keeps: string;
  /** Concurrent users, and journeys in each run. */
  readonly size: Size;
  readonly rate: Spread;
  /** Milliseconds of CPU a journey, for all parts and the client. */
  readonly cpu: Spread;
  /** `null` if there was no time for it. */
  readonly killed: CrashResult | null;
}

export interface RivalsFigures {
  /** Completed journeys a second without an engine. */
  readonly ceiling: number;
  /** Seconds after a crash in which sends were counted. */
  readonly listened: number;
  readonly raced: readonly RivalFigures[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

const contenders = [onward, restateXstate, restate, bullmq];
/** Milliseconds that the provider takes in the crash test: so slow that many sends are in flight at the crash. */
const SLOW_REPLY_MS = 400;
/** Journeys in a run for each concurrent user. */
export const JOURNEYS_PER_USER = 4;

/** Measures the alternatives one after the other, then crashes each. */
export async function measureRivals({ quick, say, budget, saveFigures }: Run): Promise<RivalsFigures> {
  await promisify(execFile)('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund']);
  const sizeFor = (parallel: number): Size => ({ journeys: quick ? 20 : JOURNEYS_PER_USER * parallel, parallel });
  const ceiling = await measureCeiling(sizeFor(Math.max(...contenders.map(({ parallel }) => parallel))));
  // BullMQ checks for stalled jobs every 30 s, and may need four checks before it runs one again.
  const listened = quick ? 5 : 150;
  const skipped: { name: string; why: string }[] = [];
  const measureOne = async (one: Contender): Promise<RivalFigures[]> => {
    const skip = (why: string) => void skipped.push({ name: one.name, why });
    const why = await one.missing?.();
    if (why !== undefined) return (skip(why), []);
    const size = sizeFor(one.parallel);
    const figures = await measureRate(one, size, quick ? 1 : 3).catch((error: unknown) => skip(String(error)));
    if (figures === undefined) return [];
    const { rate, cpu } = figures;
    say(`  ${one.name}: ${rate.median.toFixed(1)}/s, ${cpu.median.toFixed(1)} ms of CPU a journey`);
    return [{ name: one.name, keeps: one.keeps, size, ...figures, killed: null }];
  };
  const raced = (await budget.each(contenders, ({ name }) => name, measureOne, quick ? 0 : 200)).flat();
  saveFigures({ ceiling, listened, raced, skipped });
  const measured = contenders.filter(({ name }) => raced.some((one) => one.name === name));
  const crashes = budget.allows('the crashes', quick ? 15 : 200) ? await crashAll(measured, quick, listened) : [];
  const withCrash = (one: RivalFigures) => ({
    ...one,
    killed: crashes.find(({ name }) => name === one.name)?.killed ?? null,
  });
  return { ceiling, listened, raced: raced.map(withCrash), skipped };
}

/** Crashes the products one after the other. The sends of each are counted while the next ones are crashed. */
async function crashAll(measured: readonly Contender[], quick: boolean, listened: number) {
  const crashes: Promise<{ readonly name: string; readonly killed: CrashResult }>[] = [];
  for (const one of measured) {
    const crashFinished = new AbortController();
    const users = { count: quick ? 10 : 60, seconds: quick ? 30 : 75 };
    const killed = crashOne(one, { ...users, listened, onFinished: () => crashFinished.abort() });
    crashes.push(killed.then((found) => ({ name: one.name, killed: found })));
    await Promise.race([killed, once(crashFinished.signal, 'abort')]);
  }
  return Promise.all(crashes);
}

/** Measures the journeys a second that users and provider reach without an engine. */
function measureCeiling({ journeys, parallel }: Size): Promise<number> {
  return withCleanup(async (cleanup) => {
    const provider = await startProvider();
    cleanup.add(() => provider.close());
    const load = { system: withoutEngine(provider), provider, parallel };
    await runJourneys({ ...load, journeys: parallel });
    return (journeys * 1_000) / (await runJourneys({ ...load, journeys }));
  });
}

function measureRate(one: Contender, size: Size, runs: number): Promise<Pick<RivalFigures, 'parts' | 'rate' | 'cpu'>> {
  return withRival(one, 20, async (rival, provider) => {
    await runJourneys({ system: rival.system, provider, journeys: size.journeys / 2, parallel: size.parallel });
    const rates: number[] = [];
    const costs: number[] = [];
    while (rates.length < runs) {
      const used = async () => {
        const all = await Promise.all([...rival.pids(), process.pid].map(readCpuMs));
        return all.reduce((sum, one) => sum + one, 0);
      };
      const before = await used();
      const wall = await runJourneys({ system: rival.system, provider, ...size });
      rates.push((size.journeys * 1_000) / wall);
      costs.push(((await used()) - before) / size.journeys);
    }
    return { parts: rival.parts, rate: spreadOf(rates), cpu: spreadOf(costs) };
  });
}

function crashOne(one: Contender, options: CrashOptions): Promise<CrashResult> {
  return withRival(one, SLOW_REPLY_MS, (rival, provider) => crashDuringSends(rival, provider, options));
}

function withRival<T>(
  one: Contender,
  wait: number,
  work: (rival: Rival, provider: Provider) => Promise<T>,
): Promise<T> {
  return withCleanup(async (cleanup, stage) => {
    const provider = await startProvider(wait, wait === SLOW_REPLY_MS);
    cleanup.add(() => provider.close());
    const folder = join(stage, 'data');
    await mkdir(folder);
    return work(await one.setUp(provider, cleanup, folder), provider);
  });
}
