import { table } from '../../client/docs/markdown.ts';
import type { Goal, Section } from '../section.ts';
import type { Machine } from './machine.ts';

/** The result of a section: its figures and the measurements left out for lack of time, or the reason for its failure. */
export type SectionResult =
  { readonly figures: unknown; readonly cut: readonly string[] } | { readonly failed: string };

/** The result of a section, the machine it was measured on, and the time in RFC 3339. */
export type SavedResult = SectionResult & { readonly machine: Machine; readonly at: string };

export type SavedFigures = { readonly [section: string]: SavedResult };

const HEAD = `# What a journey costs

This page shows what Onward costs in CPU, memory, storage and time: first the goals, then what to conclude, then the measurements. \`npm run bench\` measures the figures and writes
this page.
`;

const CONCLUSIONS = `## What to conclude

- **Plan for Temporal's server first.** With everything on one machine of two cores, 11 to 19 journeys complete each second: 11 on PostgreSQL, 16 to 19 on the development server.
  Temporal's server takes more than half of the CPU. A million sign-ups a month are 0.4 a second on average.
- **XState, the send ledger and the policy cost little CPU.** Onward takes about as much CPU as the same journey written by hand on Temporal. It takes 15 % more memory, since a
  journey keeps the snapshot of the machine and its history of sends.
- **A user waits for the provider, not for Onward.** A status takes tens of milliseconds, and the outcome of a code arrives about 40 ms after sFOX's reply.
- **Ten thousand open journeys fit into one worker**, with 2.7 GB of memory and a cache of that size; the default is a cache of at most 2,000. Temporal stores the others, and a worker loads one in
  about 30 ms when it is needed.
- **Recovery after an outage needs more than two cores at 40 journeys a second.** On this machine it reaches 28 to 33, which is above the default limit of 20.
- **Simpler engines are faster.** BullMQ on Redis runs the same journey at a small fraction of the CPU, and Restate with XState at two thirds. Neither lost a journey in the crash test, but both sent
  most codes twice. Choose Onward if a code that is sent twice costs you more than a server.

## How to read the tables

A comparison runs two systems alternately. Its ratio is the median over adjacent pairs of runs, followed by the range in parentheses: 1.10 means 10 % more. The control is the ratio of one
system to itself. A ratio within the range of the control is not a measurable difference. Events are the entries of a Temporal history, and actions are what Temporal Cloud bills.
`;

/** Returns the figures of a section; `undefined` if it failed or was never measured. */
export function figuresOf(saved: SavedFigures, section: string): unknown {
  const measured = saved[section];
  return measured === undefined || 'failed' in measured ? undefined : measured.figures;
}

/**
 * Returns the page, in Markdown, from the figures of this run and of earlier ones.
 *
 * @param appendix the last part of the page, which combines several sections
 */
export function renderPage(sections: readonly Section[], saved: SavedFigures, appendix = ''): string {
  const known = sections.flatMap((section) => {
    const measured = saved[section.name];
    return measured === undefined ? [] : [{ section, measured }];
  });
  const goals = known.flatMap(({ section, measured }) => ('failed' in measured ? [] : section.goals(measured.figures)));
  const rows = goals.map(({ what, wanted, found, isMet, why }) => [
    what,
    wanted,
    found,
    isMet ? 'met' : `missed: ${why}`,
  ]);
  const parts = known.map(({ section, measured }) => renderSection(section, measured));
  return (
    [
      HEAD,
      '## Goals',
      '',
      countGoals(goals),
      '',
      table(['what is measured', 'goal', 'measured', 'result'], rows),
      '',
      CONCLUSIONS,
      ...parts,
      appendix,
    ]
      .join('\n')
      .trimEnd() + '\n'
  );
}

function countGoals(goals: readonly Goal[]): string {
  const met = goals.filter(({ isMet }) => isMet).length;
  return `${met} of ${goals.length} goals are met. A missed goal has its reason in the last column.`;
}

function renderSection({ title, page }: Section, measured: SavedResult): string {
  const { cores, cpu, node, system, commit } = measured.machine;
  const on = `_Measured ${measured.at.slice(0, 10)} on ${cores} cores of ${cpu}, ${system}, Node ${node}${commit === undefined ? '' : `, at ${commit}`}._`;
  if ('failed' in measured) return [`## ${title}`, '', on, '', `**Failed: ${measured.failed}.**`, ''].join('\n');
  const cut = measured.cut.length > 0 ? [`_Left out: ${measured.cut.join('; ')}._`, ''] : [];
  return [`## ${title}`, '', on, '', ...cut, page(measured.figures), ''].join('\n');
}
