import { table } from '../../client/docs/markdown.ts';
import type { Section } from '../section.ts';
import type { Machine } from './machine.ts';

/** The result of a section: its figures and the measurements left out for lack of time, or the reason for its failure. */
export type SectionResult =
  { readonly figures: unknown; readonly cut: readonly string[] } | { readonly failed: string };

/** The result of a section, the machine it was measured on, and the time in RFC 3339. */
export type SavedResult = SectionResult & { readonly machine: Machine; readonly at: string };

export type SavedFigures = { readonly [section: string]: SavedResult };

const HEAD = `# What a journey costs

The first table has each goal, what was measured, and why a goal was missed. \`npm run bench\` measures the figures and writes this page.
`;

const CONCLUSIONS = `## What to conclude

- **One core serves about ten journeys a second**, with everything on one machine. Temporal's server takes more than half of the CPU, so its size is the one to plan
  first. A product with a million sign-ups a month needs less than one a second.
- **XState, the send ledger and the policy cost little**: Onward takes about as much CPU as the same journey written by hand on Temporal, and more memory, since a
  journey keeps the snapshot and its history of sends.
- **A user waits for the provider, not for Onward**: a status takes tens of milliseconds, and a code is checked some 40 ms after sFOX has replied.
- **Ten thousand open journeys fit in one worker's cache**; more are kept by Temporal and loaded when something happens, in about 30 ms each.
- **Simpler engines are faster.** A queue on Redis runs the same journey at a fraction of the CPU. It lost nothing in the crash test, but sent most codes twice. Choose
  Onward if that matters more than the price of a server.

A comparison runs two systems alternately. Its ratio is the median over adjacent pairs of runs, followed by the range. The control is the ratio of one system to
itself: a ratio within the range of the control is not a measurable difference.
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
    [HEAD, '## Goals', '', table(['what', 'goal', 'found', 'result'], rows), '', CONCLUSIONS, ...parts, appendix]
      .join('\n')
      .trimEnd() + '\n'
  );
}

function renderSection({ title, page }: Section, measured: SavedResult): string {
  const { cores, cpu, node, system, commit } = measured.machine;
  const on = `_Measured ${measured.at.slice(0, 10)} on ${cores} cores of ${cpu}, ${system}, Node ${node}${commit === undefined ? '' : `, at ${commit}`}._`;
  if ('failed' in measured) return [`## ${title}`, '', on, '', `**Failed: ${measured.failed}.**`, ''].join('\n');
  const cut = measured.cut.length > 0 ? [`_Left out: ${measured.cut.join('; ')}._`, ''] : [];
  return [`## ${title}`, '', on, '', ...cut, page(measured.figures), ''].join('\n');
}
