import type { WhatIf, WhatIfReport } from '../../http-client/index.ts';
import type { CliContext } from '../context.ts';

type Comparison = WhatIfReport['items'][number];

const share = (part: number, whole: number) => (whole === 0 ? '0%' : `${((100 * part) / whole).toFixed(1)}%`);

/** Formats the totals of a what-if as lines. */
export function summaryLines({ state, done, total, results, sends, events, refused, ...whatIf }: WhatIf): string[] {
  const refusedBy = Object.entries(refused).map(([command, count]) => `${count} ${command}`);
  return [
    `${state}: ${done} of ${total} journeys compared`,
    `same: ${results.same}, different: ${results.differs}, undecided: ${results.undecided} (${share(results.undecided, done)}), unreadable: ${results.unreadable}`,
    `codes requested: ${sends.actual}, under the policy: ${sends.whatIf}`,
    `events compared: ${events.compared} of ${events.total} (${share(events.compared, events.total)})`,
    ...counted('differences', whatIf.differences),
    ...(refusedBy.length === 0 ? [] : [`refused: ${refusedBy.join(', ')}`]),
    ...counted('undecided because', whatIf.causes),
  ];
}

function counted(title: string, counts: { readonly [key: string]: number }): string[] {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return found.length === 0 ? [] : [`${title}: ${found.map(([key, count]) => `${count} ${key}`).join(', ')}`];
}

const columns = [
  'user',
  'result',
  'differences',
  'refused',
  'undecided from',
  'cause',
  'sends',
  'what-if sends',
  'why',
];

const cellsOf = ({ userId, result, differences, refused, undecidedFrom, cause, sends, why }: Comparison) => [
  userId,
  result,
  differences.join(' '),
  refused ?? '',
  undecidedFrom ?? '',
  cause ?? '',
  String(sends.actual),
  String(sends.whatIf),
  why ?? '',
];

/** Prints the journeys that are not the same. */
export function printComparisons({ out }: CliContext, items: readonly Comparison[]): void {
  if (items.length > 0) out.table(columns, items.map(cellsOf));
}
