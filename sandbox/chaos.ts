import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { trial } from './chaos/trial.ts';
import type { Outcome } from './chaos/trial.ts';
import { startDurable } from './fleet/server.ts';
import { run } from './run.ts';
import { untilStopped } from './signals.ts';
import { findTemporal } from './temporal/index.ts';
import { Undo } from './undo.ts';

const { env, stdout } = process;
const say = (text: string) => void stdout.write(`${text}\n`);

const LONGEST = 15 * 60_000;

/** `npm run chaos -- --seed 7 --journeys 500`: everything is killed while people sign up. Gives whether all was as it must be. */
async function main(): Promise<boolean> {
  const { seed, journeys } = wanted(process.argv.slice(2));
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache'), say });
  const folder = await mkdtemp(join(tmpdir(), 'onward-chaos-'));
  const undo = new Undo();
  undo.add(() => rm(folder, { recursive: true, force: true }));
  const over = new AbortController();
  void untilStopped(process).then(() => over.abort(new Error('interrupted')));
  const curfew = setTimeout(() => over.abort(new Error('somebody was still on their way after 15 minutes')), LONGEST);
  undo.add(() => clearTimeout(curfew));
  try {
    const server = await startDurable(folder, binary, resolve('temporal-dev.yml'));
    undo.add(() => server.stop());
    const began = Date.now();
    const seconds = () => ((Date.now() - began) / 1_000).toFixed(1).padStart(6);
    const tell = (what: string) => say(`${seconds()} s  ${what}`);
    const gap = { least: 6_000, most: 12_000 };
    const outcome = await trial({
      seed,
      journeys,
      gap,
      atOnce: 250,
      downFor: 1_500,
      folder,
      server,
      over: over.signal,
      tell,
    });
    say(report(outcome));
    return outcome.complaints.length + outcome.leaks.length === 0;
  } finally {
    await undo.all();
  }
}

function wanted(args: string[]): { seed: number; journeys: number } {
  const { values } = parseArgs({
    args,
    options: { seed: { type: 'string', default: '7' }, journeys: { type: 'string', default: '500' } },
  });
  const [seed, journeys] = [Number(values.seed), Number(values.journeys)];
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: a whole number`);
  if (Number.isInteger(journeys) && journeys >= 10 && journeys <= 5_000) return { seed, journeys };
  throw new Error(`--journeys ${values.journeys}: a whole number from 10 to 5000`);
}

function report({ figures, complaints, leaks }: Outcome): string {
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · ');
  const lines = [
    ['journeys', `${figures.journeys}: ${counts(figures.places)}`],
    ['sign-up events', `${figures.events} answered 202, every one with its journey`],
    ['killed or away', counts(figures.hits)],
    ['requests', counts(figures.requests)],
    ['faults', counts(figures.faults)],
    [
      'sends',
      `${figures.sends}, of them ${figures.unknown} of unknown outcome; the journeys tell of ${figures.toldUnknown}`,
    ],
    ['never seen', `${figures.neverSeen} sends that went down with what was killed`],
    ['errors', `${figures.errors} answered by gateways`],
    ['searched (MB)', counts(figures.searched)],
  ].map(([name = '', text]) => `${name.padEnd(15)} ${text}`);
  const wrong = [...complaints, ...leaks];
  const verdict =
    wrong.length === 0
      ? pc.green('Everyone is where their way ends, nobody was sent to in vain, and no secret stands anywhere.')
      : pc.red(['Not as it must be:', ...wrong.map((complaint) => `  ${complaint}`)].join('\n'));
  return ['', ...lines, verdict].join('\n');
}

await run(process, main);
