import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { Fleet } from './fleet/fleet.ts';
import { judge } from './outage/judge.ts';
import type { Verdict } from './outage/judge.ts';
import { line, picture } from './outage/picture.ts';
import { play, policyOf } from './outage/scene.ts';
import type { View } from './outage/scene.ts';
import { run } from './run.ts';
import { untilStopped } from './signals.ts';
import { findTemporal } from './temporal/index.ts';
import { Undo } from './undo.ts';

const { env, stdout } = process;
const say = (text: string) => void stdout.write(`${text}\n`);

const LONGEST = 10 * 60_000;
const BETWEEN_LINES = 2_000;
const pace = { perSecond: 5, upToPerSecond: 20 };

/** `npm run outage -- --journeys 300`: the provider goes and comes under stalled journeys. Gives whether all was as it must be. */
async function main(): Promise<boolean> {
  const journeys = journeysIn(process.argv.slice(2));
  const { TEMPORAL_CLI: explicit, PATH: path = '' } = env;
  const binary = await findTemporal({ explicit, path, cacheDir: resolve('.cache'), say });
  const folder = await mkdtemp(join(tmpdir(), 'onward-outage-'));
  const undo = new Undo();
  undo.add(() => rm(folder, { recursive: true, force: true }));
  const over = new AbortController();
  void untilStopped(process).then(() => over.abort(new Error('interrupted')));
  const curfew = setTimeout(() => over.abort(new Error('it took longer than ten minutes')), LONGEST);
  undo.add(() => clearTimeout(curfew));
  try {
    const composeFile = resolve('temporal-dev.yml');
    const options = {
      folder,
      binary,
      composeFile,
      policy: policyOf(pace, { every: '10 s', codeLife: '20 s' }),
      workers: 2,
      gateways: 1,
    };
    const fleet = await Fleet.start(options);
    undo.add(() => fleet.close());
    const began = Date.now();
    const users = Array.from({ length: journeys }, (_, nth) => `user${String(nth + 1).padStart(4, '0')}`);
    const marks = await play({ fleet, users, over: over.signal, ...screen(began) });
    const verdict = judge(fleet.sfox.requests(), marks, pace);
    say(report(journeys, (Date.now() - began) / 1_000, verdict));
    return verdict.complaints.length === 0;
  } finally {
    await undo.all();
  }
}

function journeysIn(args: string[]): number {
  const { values } = parseArgs({ args, options: { journeys: { type: 'string', default: '300' } } });
  const journeys = Number(values.journeys);
  if (Number.isInteger(journeys) && journeys >= 6 && journeys <= 5_000) return journeys;
  throw new Error(`--journeys ${values.journeys}: a whole number from 6 to 5000`);
}

/** A picture on a terminal, and plain lines elsewhere. */
function screen(began: number): { tell: (what: string) => void; show: (view: View) => void } {
  const stamped = (text: string) => `${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}`;
  if (!stdout.isTTY || env['CI']) {
    let next = 0;
    const show = (view: View) => {
      if (Date.now() < next) return;
      next = Date.now() + BETWEEN_LINES;
      say(stamped(line(view)));
    };
    return { tell: (what) => say(stamped(what)), show };
  }
  const draw = createLogUpdate(stdout);
  const happened: string[] = [];
  return { tell: (what) => void happened.push(stamped(what)), show: (view) => draw(picture(view, happened)) };
}

function report(journeys: number, seconds: number, { drained, sent, extra, complaints }: Verdict): string {
  const drains = drained.map(({ canary, recovered, peak }, nth) => {
    return `  drain ${nth + 1}: canary ${canary}, ${recovered} recovered, ${peak} a second at most`;
  });
  const sum = `${journeys} journeys in ${seconds.toFixed(0)} s, ${sent} codes, ${extra} of them a second one`;
  const verdict =
    complaints.length === 0
      ? pc.green(
          'Every journey is done, the canary came first, the pace was kept, and nobody got more than one extra code.',
        )
      : pc.red(['Not as it must be:', ...complaints.map((complaint) => `  ${complaint}`)].join('\n'));
  return ['', sum, ...drains, verdict].join('\n');
}

await run(process, main);
