import { table } from '../../client/diagram/table.ts';
import type { Section } from '../section.ts';
import type { Machine } from './machine.ts';

/** What a section has measured, and on what. */
export interface Measured {
  readonly machine: Machine;
  readonly at: string;
  readonly figures: unknown;
}

export type Kept = { readonly [section: string]: Measured };

const HEAD = `# What a journey costs

Measured, side by side, by \`npm run bench\`, which writes this page; the raw figures are in [performance.json](performance.json). A ratio is the
median over neighbouring pairs, with its range, and the same of one thing over itself beside it: nothing is claimed that is finer than that.
A goal that was missed stays here as missed.
`;

/** The page of all that is measured, of what a run before has measured as well. */
export function document(sections: readonly Section[], kept: Kept): string {
  const known = sections.flatMap((section) => {
    const measured = kept[section.name];
    return measured === undefined ? [] : [{ section, measured }];
  });
  const goals = known.flatMap(({ section, measured }) => section.goals(measured.figures));
  const rows = goals.map(({ what, wanted, found, met, why }) => [what, wanted, found, met ? 'met' : `missed: ${why}`]);
  const parts = known.map(({ section, measured }) => chapter(section, measured));
  return [HEAD, '## Goals', '', table(['what', 'goal', 'found', ''], rows), '', ...parts].join('\n');
}

function chapter({ title, page }: Section, { machine, at, figures }: Measured): string {
  const { cores, cpu, node, system } = machine;
  const on = `_Measured ${at.slice(0, 10)} on ${cores} cores of ${cpu}, ${system}, Node ${node}._`;
  return [`## ${title}`, '', on, '', page(figures), ''].join('\n');
}
