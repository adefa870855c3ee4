import { table } from '../../client/diagram/table.ts';
import { kilobytes, ms, rounded } from '../report/words.ts';
import { section } from '../section.ts';
import { gainsOfBundle } from './bundles.ts';
import type { Bundled } from './bundles.ts';
import { gainsOfServer } from './server.ts';
import type { Setting } from './server.ts';

interface Gains {
  readonly settings: readonly Setting[];
  readonly bundles: readonly Bundled[];
}

export const gainsSection = section<Gains>({
  name: 'gains',
  title: 'What each setting is worth',
  seconds: { full: 120, quick: 12 },
  measure: async (run) => {
    const settings = await gainsOfServer(run);
    const bundles = run.budget.allows('other bundles', 15) ? await gainsOfBundle(run) : [];
    return { settings, bundles };
  },
  page: ({ settings, bundles }) =>
    [
      'Each setting of `temporal-dev.yml` left out in turn, once each, on a server of its own: what differs by less than the spread of the chapters before',
      'is no difference.',
      '',
      table(
        [
          '`temporal-dev.yml`',
          'lone journey to the provider, p50 ms',
          'p95 ms',
          'journeys a second',
          'CPU of the server',
          'of the worker',
        ],
        settings.map(({ name, alone, block }) => [
          name,
          ms(alone.p50),
          ms(alone.p95),
          rounded(block.rate),
          rounded(block.server),
          rounded(block.worker),
        ]),
      ),
      '',
      'An idle journey, with the workflow bundled in other ways:',
      '',
      table(
        ['bundle', 'heap'],
        bundles.map(({ name, heap }) => [name, kilobytes(heap)]),
      ),
    ].join('\n'),
  goals: () => [],
});
