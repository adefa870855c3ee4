import { table } from '../../client/diagram/table.ts';
import type { Section } from '../section.ts';
import type { Machine } from './machine.ts';

/** What came of a section: its figures and what it had no time for, or why there are none. */
export type Found = { readonly figures: unknown; readonly cut: readonly string[] } | { readonly failed: string };

/** The same, and on what it was measured. */
export type Measured = Found & { readonly machine: Machine; readonly at: string };

export type Kept = { readonly [section: string]: Measured };

const HEAD = `# What a journey costs

Measured, side by side, by \`npm run bench\`, which writes this page; the raw figures are in [performance.json](performance.json). Where two ways take
turns, a ratio is the median over neighbouring pairs, with its range, and beside it stands the control, one way over itself: what is within that is not to be
told from nothing. A goal that was missed stays here as missed.
`;

/** What was found by a section; nothing where it failed, or never ran. */
export function figuresOf(kept: Kept, section: string): unknown {
  const measured = kept[section];
  return measured === undefined || 'failed' in measured ? undefined : measured.figures;
}

/**
 * The page of all that is measured, of what a run before has measured as well.
 *
 * @param appendix what follows from several sections
 */
export function document(sections: readonly Section[], kept: Kept, appendix = ''): string {
  const known = sections.flatMap((section) => {
    const measured = kept[section.name];
    return measured === undefined ? [] : [{ section, measured }];
  });
  const goals = known.flatMap(({ section, measured }) => ('failed' in measured ? [] : section.goals(measured.figures)));
  const rows = goals.map(({ what, wanted, found, met, why }) => [what, wanted, found, met ? 'met' : `missed: ${why}`]);
  const parts = known.map(({ section, measured }) => chapter(section, measured));
  return (
    [HEAD, '## Goals', '', table(['what', 'goal', 'found', ''], rows), '', ...parts, appendix].join('\n').trimEnd() +
    '\n'
  );
}

function chapter({ title, page }: Section, measured: Measured): string {
  const { cores, cpu, node, system, commit } = measured.machine;
  const on = `_Measured ${measured.at.slice(0, 10)} on ${cores} cores of ${cpu}, ${system}, Node ${node}${commit === undefined ? '' : `, at ${commit}`}._`;
  if ('failed' in measured) return [`## ${title}`, '', on, '', `**Failed: ${measured.failed}.**`, ''].join('\n');
  const cut = measured.cut.length > 0 ? [`_Left out: ${measured.cut.join('; ')}._`, ''] : [];
  return [`## ${title}`, '', on, '', ...cut, page(measured.figures), ''].join('\n');
}
