import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { across, drawing, PICTURE } from './report/across.ts';
import { document } from './report/document.ts';
import type { Found, Kept } from './report/document.ts';
import { machineHere } from './report/machine.ts';
import { sections } from './sections.ts';
import type { Section } from './section.ts';
import { startChild } from './stand/child.ts';
import type { Child } from './stand/child.ts';

/**
 * `npm run bench`: measures on this machine, and writes `docs/performance.md` and its figures.
 *
 * - `npm run bench:settings` and `npm run bench:scale` measure the sections that take too long for the rest
 * - `--only exact,twin` measures these sections; the page keeps the others as a run before has found them
 * - `--quick` measures less of everything, and prints it instead: to see that it works, not to quote
 * - `--seconds 600` gives each section so long instead of its own share of 20 minutes (quick: of 3)
 */
const { only, quick, ...given } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, seconds: { type: 'string' } },
}).values;

const FIGURES = 'docs/performance.json';
const PAGE = 'docs/performance.md';
/** A section works for this share of its time; one that has not ended when all of it is over is stopped. */
const SHARE = 0.9;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const names = sections.map(({ name }) => name);
const asked = only?.split(',') ?? sections.filter(({ apart }) => apart !== true).map(({ name }) => name);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`no section ${unknown.join()}: there are ${names.join()}`);

let kept: Kept = quick ? {} : await keptFigures();
for (const section of sections.filter(({ name }) => asked.includes(name))) {
  say(section.title);
  kept = {
    ...kept,
    [section.name]: { machine: machineHere(), at: new Date().toISOString(), ...(await found(section)) },
  };
  if (!quick) await writeFile(FIGURES, `${JSON.stringify(kept, null, 1)}\n`);
}
const page = document(sections, kept, across(kept));
const drawn = drawing(kept);
if (quick) process.stdout.write(page);
else await writeFile(PAGE, page);
if (!quick && drawn !== undefined) await writeFile(`docs/${PICTURE}`, drawn);

/** What a section finds; of one that fails or hangs, what it has put down by then, and that it does. The others are measured all the same. */
async function found({ name, seconds: own }: Section): Promise<Found> {
  const seconds = Number(given.seconds ?? (quick ? own.quick : own.full));
  const over = new AbortController();
  const late = pause(seconds * 1_000, undefined, { signal: over.signal }).then(() => {
    throw new Error(`stopped after ${seconds} s`);
  });
  // What a section leaves behind that is stopped.
  const folder = await mkdtemp(join(tmpdir(), 'onward-bench-'));
  let child: Child | undefined;
  let soFar: unknown;
  try {
    child = await startChild(
      new URL('section-process.js', import.meta.url),
      { name, quick, seconds: SHARE * seconds },
      { env: { TMPDIR: folder } },
    );
    child.hear((figures) => (soFar = figures));
    return await Promise.race([child.ask<Found>('measure'), late]);
  } catch (error) {
    process.exitCode = 1;
    say(`  failed: ${String(error)}`);
    const why = error instanceof Error ? error.message : String(error);
    return soFar === undefined ? { failed: why } : { figures: soFar, cut: [`the rest (${why})`] };
  } finally {
    over.abort();
    late.catch(() => {});
    await child?.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

async function keptFigures(): Promise<Kept> {
  try {
    return JSON.parse(await readFile(FIGURES, 'utf8')) as Kept;
  } catch {
    return {};
  }
}
