import { table } from '../../client/diagram/table.ts';
import { kilobytes, ms, ranged, rounded } from '../report/words.ts';
import { section } from '../section.ts';
import type { Compared } from '../twin/pairs.ts';
import { gainsOfBundle } from './bundles.ts';
import type { Bundled } from './bundles.ts';
import { costOfEntry } from './entry.ts';
import type { Entry } from './entry.ts';
import { gainOfFrames } from './frames.ts';
import { gainOfEagerTelling } from './telling.ts';
import type { Telling } from './telling.ts';

interface Gains {
  readonly bundles: readonly Bundled[];
  readonly entry: Entry;
  readonly telling: Telling;
  /** `null` where there was no time for it. */
  readonly frames: Compared | null;
}

export const gainsSection = section<Gains>({
  name: 'gains',
  title: 'What was gained',
  seconds: { full: 200, quick: 32 },
  measure: async (run) => {
    const { quick, budget } = run;
    const entry = costOfEntry();
    const telling = await gainOfEagerTelling(run);
    const bundles = budget.allows('other bundles', 15) ? await gainsOfBundle(run) : [];
    const frames = budget.allows('stacks', quick ? 15 : 80) ? await gainOfFrames(run) : null;
    return { bundles, entry, telling, frames };
  },
  page: ({ bundles, entry, telling, frames }) =>
    [
      'An idle journey, with the workflow bundled in other ways:',
      '',
      table(
        ['bundle', 'heap'],
        bundles.map(({ name, heap }) => [name, kilobytes(heap)]),
      ),
      ...(frames === null ? [] : ['', stacks(frames)]),
      '',
      `**The way into the sandbox** takes ${rounded(entry.guarded, 0)} µs of CPU each time, ${rounded(entry.unguarded, 0)} without the time limit that ends a workflow which runs for ever: Node starts`,
      'a thread for it. The exact figures say how often it is entered. The SDK has no switch for that limit, and it is wanted: it is what keeps',
      'one broken journey from stopping all the others of its worker.',
      '',
      '**A change of status that is told** is a workflow that a worker starts: the server hands its first task to that worker with the answer. A lone one reaches its',
      `receiver within ${ms(telling.eager.p50)} ms p50, ${ms(telling.eager.p95)} p95, and over the task queue, each in turn with it, within ${ms(telling.queued.p50)} and ${ms(telling.queued.p95)}.`,
    ].join('\n'),
  goals: () => [],
});

const stacks = ({ ratios, control }: Compared) =>
  [
    '**The stacks** that the SDK captures for each promise: Onward with four frames of each, over the same with the SDK’s ten, in neighbouring blocks as above.',
    '',
    table(
      ['', 'four frames / ten', 'control'],
      [
        ['journeys a second', ranged(ratios.rate), ranged(control.rate)],
        ['CPU of the worker', ranged(ratios.worker), ranged(control.worker)],
        ['CPU in all', ranged(ratios.total), ranged(control.total)],
      ],
    ),
    '',
    'In whole journeys that is not to be told from nothing; in the heap of those that wait, above, it is.',
  ].join('\n');
