import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { drawGrowth, renderGrowth, PLOT_FILE } from './report/growth.ts';
import { renderPage } from './report/document.ts';
import type { SectionResult, SavedFigures } from './report/document.ts';
import { describeMachine } from './report/machine.ts';
import { sections } from './sections.ts';
import type { Section } from './section.ts';
import { startChild } from './harness/child.ts';
import type { Child } from './harness/child.ts';

/**
 * `npm run bench`: measures on this machine and writes `docs/performance.md`.
 *
 * The figures are stored in `.cache/performance.json`, which is not in Git. The page combines the sections of several runs from it,
 * so in a new clone run both `npm run bench` and `npm run bench:scale`.
 *
 * - `npm run bench:scale` measures the sections that take too long for `npm run bench`
 * - `--only exact,twin` measures these sections; the page takes the others from earlier runs
 * - `--quick` takes fewer measurements and prints the page: it checks that the benchmark works, and its figures are not to be quoted
 * - `--seconds 600` sets the time limit of each section, instead of its own share of 20 minutes (with `--quick`: 3 minutes)
 */
const { only, quick, ...options } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, seconds: { type: 'string' } },
}).values;

const FIGURES = '.cache/performance.json';
const PAGE = 'docs/performance.md';
/** The share of its time limit in which a section starts new measurements. At the limit, it is stopped. */
const MEASURING_SHARE = 0.9;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const names = sections.map(({ name }) => name);
const selected = only?.split(',') ?? sections.filter(({ isSlow }) => isSlow !== true).map(({ name }) => name);
const unknown = selected.filter((name) => !names.includes(name));
if (unknown.length > 0)
  throw new Error(`unknown section in --only: ${unknown.join()}; the sections are ${names.join()}`);

let saved: SavedFigures = quick ? {} : await readFigures();
for (const section of sections.filter(({ name }) => selected.includes(name))) {
  say(section.title);
  saved = {
    ...saved,
    [section.name]: { machine: describeMachine(), at: new Date().toISOString(), ...(await measure(section)) },
  };
  if (!quick) await saveFigures(saved);
}
const page = renderPage(sections, saved, renderGrowth(saved));
const drawn = drawGrowth(saved);
if (quick) process.stdout.write(page);
else await writeFile(PAGE, page);
if (!quick && drawn !== undefined) await writeFile(`docs/${PLOT_FILE}`, drawn);

/** Measures one section in a child process. If it fails or exceeds its time limit, returns what it reported until then, and the reason. */
async function measure({ name, seconds: limits }: Section): Promise<SectionResult> {
  const seconds = Number(options.seconds ?? (quick ? limits.quick : limits.full));
  const finished = new AbortController();
  const timeout = pause(seconds * 1_000, undefined, { signal: finished.signal }).then(() => {
    throw new Error(`stopped after ${seconds} s`);
  });
  // The section's temporary folder: a section that is killed does not delete its files.
  const folder = await mkdtemp(join(tmpdir(), 'onward-bench-'));
  let child: Child | undefined;
  let latestFigures: unknown;
  try {
    child = await startChild(
      new URL('section-process.js', import.meta.url),
      { name, quick, seconds: MEASURING_SHARE * seconds },
      { env: { TMPDIR: folder } },
    );
    child.onMessage((figures) => (latestFigures = figures));
    return await Promise.race([child.request<SectionResult>('measure'), timeout]);
  } catch (error) {
    process.exitCode = 1;
    say(`  failed: ${String(error)}`);
    const why = error instanceof Error ? error.message : String(error);
    return latestFigures === undefined
      ? { failed: why }
      : { figures: latestFigures, cut: [`the remaining measurements (${why})`] };
  } finally {
    finished.abort();
    timeout.catch(() => {});
    await child?.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

async function saveFigures(figures: SavedFigures): Promise<void> {
  await mkdir(dirname(FIGURES), { recursive: true });
  await writeFile(FIGURES, `${JSON.stringify(figures, null, 1)}\n`);
}

async function readFigures(): Promise<SavedFigures> {
  try {
    return JSON.parse(await readFile(FIGURES, 'utf8')) as SavedFigures;
  } catch {
    return {};
  }
}
