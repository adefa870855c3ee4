import { table } from '../../client/diagram/table.ts';
import { kilobytes, ms, ranged, rounded } from '../report/words.ts';
import { section } from '../section.ts';
import type { Compared } from '../twin/pairs.ts';
import { gainsOfBundle } from './bundles.ts';
import type { Bundled } from './bundles.ts';
import { costOfEntry } from './entry.ts';
import type { Entry } from './entry.ts';
import { gainOfFrames } from './frames.ts';
import { gainsOfServer } from './server.ts';
import type { Setting } from './server.ts';

interface Gains {
  readonly settings: readonly Setting[];
  readonly bundles: readonly Bundled[];
  readonly entry: Entry;
  /** `null` where there was no time for it. */
  readonly frames: Compared | null;
}

export const gainsSection = section<Gains>({
  name: 'gains',
  title: 'What each setting is worth',
  seconds: { full: 340, quick: 48 },
  measure: async (run) => {
    const { quick, budget } = run;
    const entry = costOfEntry();
    const settings = await gainsOfServer(run);
    const bundles = budget.allows('other bundles', 15) ? await gainsOfBundle(run) : [];
    const frames = budget.allows('stacks', quick ? 15 : 80) ? await gainOfFrames(run) : null;
    return { settings, bundles, entry, frames };
  },
  page: ({ settings, bundles, entry, frames }) =>
    [
      'Each setting of `temporal-dev.yml` left out in turn: a server without it beside one as it is, blocks of journeys on each in the order A B B A.',
      'Ratios are of two neighbouring pairs, without the setting over as it is; the first line leaves nothing out. A lone journey is a whole one, of a user who types at once.',
      '',
      table(
        ['without', 'lone journey, p50', 'p95', 'journeys a second', 'CPU of the server', 'of the worker'],
        settings.map(({ name, alone: { asItIs, without }, ratios }) => [
          name,
          `${ms(asItIs.p50)} → ${ms(without.p50)} ms`,
          `${ms(asItIs.p95)} → ${ms(without.p95)} ms`,
          ranged(ratios.rate),
          ranged(ratios.server),
          ranged(ratios.worker),
        ]),
      ),
      '',
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
  ].join('\n');
