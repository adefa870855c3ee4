import { execFile } from 'node:child_process';
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
import { bullmq } from './bullmq.ts';
import { killInTheMiddle } from './killed.ts';
import type { Killed } from './killed.ts';
import { onward } from './onward.ts';
import { FOLDER } from './parts.ts';
import { restate, restateXstate } from './restate.ts';
import type { Contender, Rival } from './rival.ts';

export interface Raced {
  readonly name: string;
  readonly keeps: string;
  readonly rate: Spread;
  /** Milliseconds of CPU a journey, of all that works for it and its client. */
  readonly cpu: Spread;
  /** Null where there was no time for it. */
  readonly killed: Killed | null;
}

export interface Rivals {
  readonly size: { readonly journeys: number; readonly parallel: number };
  readonly raced: readonly Raced[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

const contenders = [onward, restateXstate, restate, bullmq];
/** So slow at the kill that many codes are on their way. */
const SLOW = 400;

/** Measures what a user would take instead, one after the other, and kills each in the middle. */
export async function rivals({ quick, say, budget }: Run): Promise<Rivals> {
  await promisify(execFile)('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund']);
  const size = { journeys: quick ? 20 : 120, parallel: 32 };
  const skipped: { name: string; why: string }[] = [];
  const race = async (one: Contender): Promise<Raced[]> => {
    const skip = (why: string) => void skipped.push({ name: one.name, why });
    const why = await one.missing?.();
    if (why !== undefined) return (skip(why), []);
    const figures = await measured(one, size, quick ? 1 : 3).catch((error: unknown) => skip(String(error)));
    if (figures === undefined) return [];
    const { rate, cpu } = figures;
    say(`  ${one.name}: ${rate.median.toFixed(1)}/s, ${cpu.median.toFixed(1)} ms of CPU a journey`);
    return [{ name: one.name, keeps: one.keeps, rate, cpu, killed: null }];
  };
  const raced = (await budget.each(contenders, ({ name }) => name, race, quick ? 0 : 150)).flat();
  const kill = async (one: Contender) => {
    const killed = await killedOf(one, quick ? 10 : 60, quick ? 20 : 75);
    say(`  ${one.name}, killed: ${killed.lost} of ${killed.users} lost, ${killed.sentTwice} codes sent twice`);
    return { name: one.name, killed };
  };
  const alive = contenders.filter(({ name }) => raced.some((one) => one.name === name));
  const kills = budget.allows('the kills', quick ? 25 : 80)
    ? await budget.each(alive, ({ name }) => `${name}, killed`, kill)
    : [];
  const withKill = (one: Raced) => ({ ...one, killed: kills.find(({ name }) => name === one.name)?.killed ?? null });
  return { size, raced: raced.map(withKill), skipped };
}

function measured(one: Contender, size: Rivals['size'], runs: number): Promise<Pick<Raced, 'rate' | 'cpu'>> {
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
    return { rate: spread(rates), cpu: spread(costs) };
  });
}

function killedOf(one: Contender, users: number, seconds: number): Promise<Killed> {
  return setUp(one, SLOW, (rival, provider) => killInTheMiddle(rival, provider, users, seconds));
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
