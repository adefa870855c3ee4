import Table from 'cli-table3';
import pc from 'picocolors';
import { stepLabel } from '../../client/cli/output/labels.ts';
import { longestPath } from './machine-diagram.ts';
import { progress } from './progress-bar.ts';
import type { ObservedUser } from './observe.ts';

/** Each width includes a gap of two characters. */
const columns: readonly {
  readonly name: string;
  readonly width: number;
  readonly cell: (sight: ObservedUser) => string;
}[] = [
  { name: 'user', width: 10, cell: ({ story }) => story.name },
  { name: 'scenario', width: 29, cell: ({ story }) => story.description },
  { name: 'path', width: 9, cell: ({ status }) => progress(status) },
  { name: 'now', width: 24, cell: now },
  { name: 'sends', width: 7, cell: sends },
];
const FIXED = columns.reduce((sum, { width }) => sum + width, 0);
const MIN_LAST_WIDTH = 25;

/** Returns a table with a row for each user, no wider than the terminal. A narrow one has no last column. */
export function userTable(sights: readonly ObservedUser[], terminalWidth: number): string {
  const rest = terminalWidth - FIXED - 1;
  const shown = rest < MIN_LAST_WIDTH ? columns : [...columns, { name: 'last event', width: rest, cell: last }];
  const table = new Table({
    head: shown.map(({ name }) => pc.dim(name)),
    colWidths: shown.map(({ width }) => width),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: frameless,
  });
  for (const sight of sights) table.push(shown.map(({ cell }) => cell(sight)));
  return `${pc.dim('path:')} ${longestPath.join(pc.dim(' ─ '))}\n\n${table.toString()}`;
}

const sides = ['top', 'bottom', 'left', 'right', 'mid', 'middle'] as const;
const corners = sides.flatMap((one) => [`${one}-mid`, `${one}-left`, `${one}-right`]);
const frameless = Object.fromEntries([...sides, ...corners].map((name) => [name, '']));

function now({ status }: ObservedUser): string {
  if (status === null) return pc.dim('not signed up yet');
  const { state, step } = status;
  if (state === 'done') return pc.green(state);
  if (state === 'expired' || state === 'cancelled') return pc.red(state);
  const inWords = stepLabel(status) || state;
  return step === 'stalled' || step === 'locked' || step === 'paused' ? pc.yellow(inWords) : inWords;
}

function sends({ status }: ObservedUser): string {
  return status === null ? '' : `${status.email?.sends ?? '?'} + ${status.sms?.sends ?? '?'}`;
}

function last({ happened }: ObservedUser): string {
  const item = happened.at(-1);
  if (item === undefined) return '';
  // Without colour: truncation at the edge would remove the escape sequence that resets it.
  return item.reason === null ? item.what : `${item.what}: ${item.reason}`;
}
