import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { document } from './report/document.ts';
import type { Kept } from './report/document.ts';
import { machineHere } from './report/machine.ts';
import { sections } from './sections.ts';

/**
 * `npm run bench`: measures on this machine, and writes `docs/performance.md` and its figures.
 *
 * - `--only exact,twin` measures these sections; the page keeps the others as a run before has found them
 * - `--quick` measures less of everything, and prints it instead: to see that it works, not to quote
 */
const { only, quick } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
}).values;

const FIGURES = 'docs/performance.json';
const PAGE = 'docs/performance.md';

const say = (line: string) => void process.stderr.write(`${line}\n`);
const names = sections.map(({ name }) => name);
const asked = only?.split(',') ?? names;
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`no section ${unknown.join()}: there are ${names.join()}`);

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
let kept: Kept = quick ? {} : await keptFigures();
for (const { name, title, measure } of sections.filter((section) => asked.includes(section.name))) {
  say(title);
  const figures = await measure({ quick, say });
  kept = { ...kept, [name]: { machine: machineHere(), at: new Date().toISOString(), figures } };
  if (!quick) await writeFile(FIGURES, `${JSON.stringify(kept, null, 1)}\n`);
}
if (quick) process.stdout.write(document(sections, kept));
else await writeFile(PAGE, document(sections, kept));

async function keptFigures(): Promise<Kept> {
  try {
    return JSON.parse(await readFile(FIGURES, 'utf8')) as Kept;
  } catch {
    return {};
  }
}
