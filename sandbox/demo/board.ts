import Table from 'cli-table3';
import pc from 'picocolors';
import { stepInWords } from '../../client/cli/words.ts';
import { road } from './picture.ts';
import { progress } from './progress.ts';
import type { Sight } from './watch.ts';

/** Two blanks of each width are the gap to the next column. */
const columns: readonly { readonly name: string; readonly width: number; readonly cell: (sight: Sight) => string }[] = [
  { name: 'user', width: 10, cell: ({ story }) => story.name },
  { name: 'story', width: 29, cell: ({ story }) => story.tells },
  { name: 'way', width: 9, cell: ({ status }) => progress(status) },
  { name: 'now', width: 24, cell: now },
  { name: 'sends', width: 7, cell: sends },
];
const FIXED = columns.reduce((sum, { width }) => sum + width, 0);
const LEAST_FOR_LAST = 25;

/** All users as a table, a line each, no wider than the terminal; a narrow one does without the last column. */
export function board(sights: readonly Sight[], terminalWidth: number): string {
  const rest = terminalWidth - FIXED - 1;
  const shown = rest < LEAST_FOR_LAST ? columns : [...columns, { name: 'last happening', width: rest, cell: last }];
  const table = new Table({
    head: shown.map(({ name }) => pc.dim(name)),
    colWidths: shown.map(({ width }) => width),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: frameless,
  });
  for (const sight of sights) table.push(shown.map(({ cell }) => cell(sight)));
  return `${pc.dim('way:')} ${road.join(pc.dim(' ─ '))}\n\n${table.toString()}`;
}

const sides = ['top', 'bottom', 'left', 'right', 'mid', 'middle'] as const;
const corners = sides.flatMap((one) => [`${one}-mid`, `${one}-left`, `${one}-right`]);
const frameless = Object.fromEntries([...sides, ...corners].map((name) => [name, '']));

function now({ status }: Sight): string {
  if (status === null) return pc.dim('not signed up yet');
  const { state, step } = status;
  if (state === 'done') return pc.green(state);
  if (state === 'expired' || state === 'cancelled') return pc.red(state);
  const inWords = stepInWords(status) || state;
  return step === 'stalled' || step === 'locked' || step === 'paused' ? pc.yellow(inWords) : inWords;
}

function sends({ status }: Sight): string {
  return status === null ? '' : `${status.email?.sends ?? '?'} + ${status.sms?.sends ?? '?'}`;
}

function last({ happened }: Sight): string {
  const item = happened.at(-1);
  if (item === undefined) return '';
  // Without colour: what is cut off at the edge would take the end of the colour with it.
  return item.reason === null ? item.what : `${item.what}: ${item.reason}`;
}
