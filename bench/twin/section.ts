import { table } from '../../client/docs/markdown.ts';
import { formatSpread, rounded } from '../report/format.ts';
import type { Goal } from '../section.ts';
import { defineSection } from '../section.ts';
import { spreadOf } from '../harness/numbers.ts';
import type { Block } from './block.ts';
import { measureTwin } from './index.ts';
import type { TwinFigures } from './index.ts';
import { figures } from './pairs.ts';

const words = {
  rate: 'journeys a second',
  server: 'CPU of the server',
  worker: 'CPU of the worker',
  client: 'CPU of the client',
  total: 'total CPU',
} as const;

export const twinSection = defineSection<TwinFigures>({
  name: 'twin',
  title: 'Compared with the same journey written by hand',
  seconds: { full: 320, quick: 34 },
  measure: measureTwin,
  page: (twin) => {
    const { size, blocks, ratios, control, idles } = twin;
    return [
      `The hand-written journey is a plain Temporal workflow (\`bench/twin/workflow.ts\`) with the same activities, messages, codec and events, without XState, send`,
      `ledger or policy. Both run alternately on one warm server of \`temporal-dev.yml\`, in the order A B B A, in blocks of ${size.journeys} journeys with ${size.parallel} concurrent users. The`,
      'provider takes 20 ms to reply, and replies 422 to 10 % of the sends. CPU is in milliseconds a journey.',
      `The ratios are of ${ratios.rate.runs} adjacent pairs of different systems, the control of ${control.rate.runs} adjacent pairs of one system.`,
      '',
      table(
        ['', 'Onward', 'by hand', 'Onward / by hand', 'control'],
        figures.map((figure) => [
          words[figure],
          formatSpread(of(blocks, 'onward', figure), 1),
          formatSpread(of(blocks, 'twin', figure), 1),
          formatSpread(ratios[figure]),
          formatSpread(control[figure]),
        ]),
      ),
      '',
      `A fixed piece of work, measured before each block, took ${formatSpread(spreadOf(blocks.map(({ ruler }) => ruler)), 1)} ms of CPU.`,
      `Billed actions a journey in these blocks: ${formatSpread(of(blocks, 'onward', 'actions'))}, by hand ${formatSpread(of(blocks, 'twin', 'actions'))}. The hand-written journey rejects a code that`,
      'arrives before the reply to the send, and the client retries; Onward lets the command wait.',
      ...(idles === null ? [] : ['', idleTable(idles)]),
    ].join('\n');
  },
  goals: ({ ratios, idles }) => [
    atMost(
      'CPU of a journey, relative to a hand-written one',
      1.1,
      ratios.total.median,
      MACHINE_COST,
      formatSpread(ratios.total),
    ),
    atMost(
      'CPU of the worker, relative to a hand-written journey',
      1.12,
      ratios.worker.median,
      MACHINE_COST,
      formatSpread(ratios.worker),
    ),
    {
      what: 'journeys a second, relative to a hand-written journey',
      wanted: '≥ 0.92',
      found: formatSpread(ratios.rate),
      isMet: ratios.rate.median >= 0.92,
      why: MACHINE_COST,
    },
    ...kinds.flatMap((kind) => {
      if (idles === null) return [];
      const ratio = ratioOf(idles, kind);
      return [
        atMost(
          `${kind} of an idle journey, relative to a hand-written one`,
          1.05,
          ratio.median,
          MEMORY_COST,
          formatSpread(ratio),
        ),
      ];
    }),
  ],
});

const MACHINE_COST =
  'a journey creates nearly twice the promises of a hand-written one, and computes the transitions of the machine';
const MEMORY_COST =
  'for each journey, the worker holds thirteen handlers, the snapshot of the machine, the send ledger and pending promises';

const kinds = ['memory', 'heap'] as const;

type Idles = NonNullable<TwinFigures['idles']>;
type Kind = (typeof kinds)[number];

/** The ratio of each measurement to the one that follows it. */
const ratioOf = ({ onward, twin }: Idles, kind: Kind) =>
  spreadOf(twin.map((measurement, nth) => (onward[nth]?.[kind] ?? NaN) / measurement[kind]));

const idleTable = (idles: Idles) =>
  table(
    [
      `an idle journey in the cache of a worker; ${idles.twin.length} alternating measurements`,
      'Onward',
      'by hand',
      'ratio',
    ],
    kinds.map((kind) => [
      kind === 'memory' ? 'memory of the process, KB' : 'JavaScript heap, KB',
      ...[idles.onward, idles.twin].map((all) => formatSpread(spreadOf(all.map((one) => one[kind] / 1_000)), 1)),
      formatSpread(ratioOf(idles, kind)),
    ]),
  );

function atMost(what: string, max: number, found: number, why: string, shown = rounded(found, 2)): Goal {
  return { what, wanted: `≤ ${max.toFixed(2)}`, found: shown, isMet: found <= max, why };
}

const of = (blocks: readonly Block[], side: string, figure: 'actions' | (typeof figures)[number]) =>
  spreadOf(blocks.filter((block) => block.side === side).map((block) => block[figure]));
