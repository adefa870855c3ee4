import { table } from '../../client/diagram/table.ts';
import { ms, ranged } from '../report/words.ts';
import { section } from '../section.ts';
import { compareSettings } from './compare.ts';
import type { Setting } from './compare.ts';

export const settingsSection = section<readonly Setting[]>({
  name: 'settings',
  title: 'What each setting of the server is worth',
  seconds: { full: 840, quick: 120 },
  apart: true,
  measure: compareSettings,
  page: (settings) =>
    [
      'Each setting of `temporal-dev.yml` left out in turn: a server without it beside one as it is, 100 journeys a block on each in the order A B B A. By',
      '`npm run bench:settings`. Ratios are of six neighbouring pairs, without the setting over as it is; the first line leaves nothing out: what is no',
      'further from 1 than that is not to be told from nothing. A lone journey is a whole one, of a user who types at once; the two servers take turns.',
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
    ].join('\n'),
  goals: () => [],
});
