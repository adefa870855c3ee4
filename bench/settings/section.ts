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
      'Each setting of `temporal-dev.yml` left out in turn: a server without it beside one as it is, blocks of journeys on each in the order A B B A. By',
      '`npm run bench:settings`. Ratios are of neighbouring pairs, without the setting over as it is; beside each stands one server over itself, and the first line',
      'leaves nothing out: what is within either is not to be told from nothing. A lone journey is a whole one, of a user who types at once; the servers take turns.',
      '',
      table(
        ['without', 'lone journey, p50', 'p95', 'pairs', 'journeys a second', 'control', 'CPU in all', 'control'],
        settings.map(({ name, alone: { asItIs, without }, ratios, control }) => [
          name,
          `${ms(asItIs.p50)} → ${ms(without.p50)} ms`,
          `${ms(asItIs.p95)} → ${ms(without.p95)} ms`,
          String(ratios.rate.runs),
          ...[ratios.rate, control.rate, ratios.total, control.total].map((ratio) => ranged(ratio)),
        ]),
      ),
    ].join('\n'),
  goals: () => [],
});
