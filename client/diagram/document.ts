import { stallReasons } from '../../workflows/context.ts';
import { onboarding } from '../../workflows/machine.ts';
import { allowedTable } from './allowed.ts';
import { statesPicture, stepsPicture } from './mermaid.ts';
import { delayMeanings, policyTable, stallMeanings } from './policy.ts';
import { codesTable, sendsTable, stallsOf } from './replies.ts';
import { betweenTable, statesTable, stepsTable, waysTable } from './states.ts';
import { code, table } from './table.ts';
import { beginnings, edgesFrom } from './walk.ts';
import type { Edge } from './walk.ts';

/** `docs/journey.md`: the machine as a document. Everything in it that can be asked of the machine is. */
export function journeyDocument(edges: readonly Edge[] = beginnings().flatMap(edgesFrom)): string {
  return `${[
    '<!-- Generated from workflows/machine.ts by `npm run docs`. Changes made here are lost. -->',
    '# The journey',
    section('States', statesPicture(), statesTable()),
    section(
      'Steps',
      'Both channels go through the same steps. `verified` stands for what comes next. `cancel` is left out: every step takes it, one that awaits an answer as soon as that is there.',
      stepsPicture(),
      stepsTable(),
      'Between e-mail and phone:',
      betweenTable(),
    ),
    section(
      'What is allowed where',
      'Asked of the machine in every place that a walk with small limits comes to. `at times` depends on limits, and on what is in flight; the status names what is allowed now and from when. Where it says `waits`, an answer is awaited: a command is judged once it is there.',
      allowedTable(edges),
    ),
    section(
      'How answers are read',
      'To a send:',
      sendsTable(edges),
      "To a code. Where nobody knows whether it was taken, the provider's record of the user is read:",
      codesTable(edges),
    ),
    section('Why a journey stalls', stallsTable(edges)),
    section('Limits', policyTable(), 'The delays of the machine, which come down to one durable alarm:', delaysTable()),
    section('Every way', waysTable()),
  ].join('\n\n')}\n`;
}

/** What stands between the markers of the README. */
function readmeBlock(): string {
  return `${statesPicture()}\n\nInside \`emailPending\` and \`smsPending\`:\n\n${stepsPicture()}`;
}

const BLOCK = /(<!-- diagram -->\n)[\s\S]*?(\n<!-- \/diagram -->)/;

/** A README with its picture drawn anew. */
export function withPicture(readme: string): string {
  if (!BLOCK.test(readme))
    throw new Error('the README has no place for the picture: <!-- diagram --> … <!-- /diagram -->');
  return readme.replace(BLOCK, (_, before: string, after: string) => `${before}\n${readmeBlock()}\n${after}`);
}

function section(title: string, ...parts: string[]): string {
  return [`## ${title}`, ...parts].join('\n\n');
}

function stallsTable(edges: readonly Edge[]): string {
  return table(
    ['reason', 'means', 'comes of', 'what may lead on'],
    stallReasons.map((reason) => {
      const { causes, ends } = stallsOf(edges, reason);
      return [code(reason), stallMeanings[reason], causes.map(code).join(' '), ends.map(code).join(' ')];
    }),
  );
}

function delaysTable(): string {
  const names = Object.keys(onboarding.implementations.delays);
  return table(
    ['delay', 'waits for'],
    names.map((name) => [code(name), delayMeanings[name] ?? '']),
  );
}
