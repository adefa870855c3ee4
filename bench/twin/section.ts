import { table } from '../../client/diagram/table.ts';
import { ranged, rounded } from '../report/words.ts';
import type { Goal } from '../section.ts';
import { section } from '../section.ts';
import { spread } from '../stand/numbers.ts';
import type { Block } from './block.ts';
import { againstTwin } from './index.ts';
import type { Twin } from './index.ts';
import { figures } from './pairs.ts';

const words = {
  rate: 'journeys a second',
  server: 'CPU of the server',
  worker: 'CPU of the worker',
  client: 'CPU of the client',
  total: 'CPU in all',
} as const;

export const twinSection = section<Twin>({
  name: 'twin',
  title: 'Against the same journey written by hand',
  seconds: { full: 320, quick: 34 },
  measure: againstTwin,
  page: (twin) => {
    const { size, blocks, ratios, control, idles } = twin;
    return [
      `The same activities, messages, codec and events in a plain Temporal workflow (\`bench/twin/workflow.ts\`), without XState, ledger or policy. Blocks of`,
      `${size.journeys} journeys, ${size.parallel} at a time, in turn on one warm server of \`temporal-dev.yml\`, in the order A B B A; the provider takes 20 ms, and of its answers`,
      `to sends 10 % are 422. CPU in milliseconds a journey. The ratios are of ${ratios.rate.runs} neighbouring pairs, the control of ${control.rate.runs} neighbours of one side.`,
      '',
      table(
        ['', 'Onward', 'by hand', 'Onward / by hand', 'control'],
        figures.map((figure) => [
          words[figure],
          ranged(of(blocks, 'onward', figure), 1),
          ranged(of(blocks, 'twin', figure), 1),
          ranged(ratios[figure]),
          ranged(control[figure]),
        ]),
      ),
      '',
      `The machine, by a fixed piece of work before each block: ${ranged(spread(blocks.map(({ ruler }) => ruler)), 1)} ms of CPU.`,
      `Billed actions a journey in these blocks: ${ranged(of(blocks, 'onward', 'actions'))}, by hand ${ranged(of(blocks, 'twin', 'actions'))}: there a code that comes before the`,
      'journey knows of the send is refused and given again, while Onward lets it wait.',
      ...(idles === null ? [] : ['', held(idles)]),
    ].join('\n');
  },
  goals: ({ ratios, idles }) => [
    atMost('total CPU, over by hand', 1.1, ratios.total.median, WORK, ranged(ratios.total)),
    atMost('worker CPU, over by hand', 1.12, ratios.worker.median, WORK, ranged(ratios.worker)),
    {
      what: 'rate, over by hand',
      wanted: '≥ 0.92',
      found: ranged(ratios.rate),
      met: ratios.rate.median >= 0.92,
      why: WORK,
    },
    ...kinds.flatMap((kind) => {
      if (idles === null) return [];
      const ratio = ratioOf(idles, kind);
      return [atMost(`${kind} of an idle journey, over by hand`, 1.05, ratio.median, HELD, ranged(ratio))];
    }),
  ],
});

const WORK = 'nearly twice the promises of a hand-written journey, and the machine’s steps';
const HELD = 'thirteen handlers, the machine’s snapshot and ledger, and the promises that wait';

const kinds = ['memory', 'heap'] as const;

type Idles = NonNullable<Twin['idles']>;
type Kind = (typeof kinds)[number];

/** Of each measurement over the one that came after it. */
const ratioOf = ({ onward, twin }: Idles, kind: Kind) =>
  spread(twin.map((theirs, nth) => (onward[nth]?.[kind] ?? NaN) / theirs[kind]));

const held = (idles: Idles) =>
  table(
    [
      `a journey that waits, in the cache of a worker; ${idles.twin.length} times in turn`,
      'Onward',
      'by hand',
      'ratio',
    ],
    kinds.map((kind) => [
      kind === 'memory' ? 'memory of the process, KB' : 'JavaScript heap, KB',
      ...[idles.onward, idles.twin].map((all) => ranged(spread(all.map((one) => one[kind] / 1_000)), 1)),
      ranged(ratioOf(idles, kind)),
    ]),
  );

function atMost(what: string, most: number, found: number, why: string, shown = rounded(found, 2)): Goal {
  return { what, wanted: `≤ ${most.toFixed(2)}`, found: shown, met: found <= most, why };
}

const of = (blocks: readonly Block[], side: string, figure: 'actions' | (typeof figures)[number]) =>
  spread(blocks.filter((block) => block.side === side).map((block) => block[figure]));
