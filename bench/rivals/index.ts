import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { cpuOf } from '../stand/cost.ts';
import { drive } from '../stand/load.ts';
import { spread } from '../stand/numbers.ts';
import type { Spread } from '../stand/numbers.ts';
import { startProvider } from '../stand/provider.ts';
import type { Provider } from '../stand/provider.ts';
import type { Size } from '../twin/block.ts';
import { bullmq } from './bullmq.ts';
import { killInTheMiddle } from './killed.ts';
import type { Killed, Killing } from './killed.ts';
import { withNothing } from './nothing.ts';
import { onward } from './onward.ts';
import { FOLDER } from './parts.ts';
import { restate, restateXstate } from './restate.ts';
import type { Contender, Rival } from './rival.ts';

export interface Raced {
  readonly name: string;
  readonly parts: string;
  readonly keeps: string;
  /** Users at a time, and in each run. */
  readonly size: Size;
  readonly rate: Spread;
  /** Milliseconds of CPU a journey, of all that works for it and its client. */
  readonly cpu: Spread;
  /** Null where there was no time for it. */
  readonly killed: Killed | null;
}

export interface Rivals {
  /** Whole journeys a second with no engine at all: nothing could be faster here. */
  readonly ceiling: number;
  /** Seconds from a kill on in which sends were counted. */
  readonly listened: number;
  readonly raced: readonly Raced[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

const contenders = [onward, restateXstate, restate, bullmq];
/** So slow at the kill that many codes are on their way. */
const SLOW = 400;
/** Waves of users in a run. */
export const WAVES = 4;

/** Measures what a user would take instead, one after the other, and kills each in the middle. */
export async function rivals({ quick, say, budget, keep }: Run): Promise<Rivals> {
  await promisify(execFile)('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund']);
  const sizeFor = (parallel: number): Size => ({ journeys: quick ? 20 : WAVES * parallel, parallel });
  const ceiling = await ceilingOf(sizeFor(Math.max(...contenders.map(({ parallel }) => parallel))));
  // BullMQ looks for jobs that nobody works on each half minute, and takes up to four looks before it does them again.
  const listened = quick ? 5 : 150;
  const skipped: { name: string; why: string }[] = [];
  const race = async (one: Contender): Promise<Raced[]> => {
    const skip = (why: string) => void skipped.push({ name: one.name, why });
    const why = await one.missing?.();
    if (why !== undefined) return (skip(why), []);
    const size = sizeFor(one.parallel);
    const figures = await measured(one, size, quick ? 1 : 3).catch((error: unknown) => skip(String(error)));
    if (figures === undefined) return [];
    const { rate, cpu } = figures;
    say(`  ${one.name}: ${rate.median.toFixed(1)}/s, ${cpu.median.toFixed(1)} ms of CPU a journey`);
    return [{ name: one.name, keeps: one.keeps, size, ...figures, killed: null }];
  };
  const raced = (await budget.each(contenders, ({ name }) => name, race, quick ? 0 : 200)).flat();
  keep({ ceiling, listened, raced, skipped });
  const alive = contenders.filter(({ name }) => raced.some((one) => one.name === name));
  const kills = budget.allows('the kills', quick ? 15 : 200) ? await killAll(alive, quick, listened) : [];
  const withKill = (one: Raced) => ({ ...one, killed: kills.find(({ name }) => name === one.name)?.killed ?? null });
  return { ceiling, listened, raced: raced.map(withKill), skipped };
}

/** One after the other; each is listened to while the next ones are killed. */
async function killAll(alive: readonly Contender[], quick: boolean, listened: number) {
  const kills: Promise<{ readonly name: string; readonly killed: Killed }>[] = [];
  for (const one of alive) {
    const over = new AbortController();
    const users = { count: quick ? 10 : 60, seconds: quick ? 30 : 75 };
    const killed = killedOf(one, { ...users, listened, through: () => over.abort() });
    kills.push(killed.then((found) => ({ name: one.name, killed: found })));
    await Promise.race([killed, once(over.signal, 'abort')]);
  }
  return Promise.all(kills);
}

/** What the users of this bench and the provider come to by themselves. */
function ceilingOf({ journeys, parallel }: Size): Promise<number> {
  return onStage(async (undo) => {
    const provider = await startProvider();
    undo.add(() => provider.close());
    const load = { system: withNothing(provider), provider, parallel };
    await drive({ ...load, journeys: parallel });
    return (journeys * 1_000) / (await drive({ ...load, journeys }));
  });
}

function measured(one: Contender, size: Size, runs: number): Promise<Pick<Raced, 'parts' | 'rate' | 'cpu'>> {
  return setUp(one, 20, async (rival, provider) => {
    await drive({ system: rival.system, provider, journeys: size.journeys / 2, parallel: size.parallel });
    const rates: number[] = [];
    const costs: number[] = [];
    while (rates.length < runs) {
      const used = async () => {
        const all = await Promise.all([...rival.pids(), process.pid].map(cpuOf));
        return all.reduce((sum, one) => sum + one, 0);
      };
      const before = await used();
      const wall = await drive({ system: rival.system, provider, ...size });
      rates.push((size.journeys * 1_000) / wall);
      costs.push(((await used()) - before) / size.journeys);
    }
    return { parts: rival.parts, rate: spread(rates), cpu: spread(costs) };
  });
}

function killedOf(one: Contender, killing: Killing): Promise<Killed> {
  return setUp(one, SLOW, (rival, provider) => killInTheMiddle(rival, provider, killing));
}

function setUp<T>(one: Contender, wait: number, work: (rival: Rival, provider: Provider) => Promise<T>): Promise<T> {
  return onStage(async (undo, stage) => {
    const provider = await startProvider(wait, wait === SLOW);
    undo.add(() => provider.close());
    const folder = join(stage, 'data');
    await mkdir(folder);
    return work(await one.setUp(provider, undo, folder), provider);
  });
}
