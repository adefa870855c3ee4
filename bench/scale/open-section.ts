import { table } from '../../client/diagram/table.ts';
import { kilobytes, megabytes, ms, rounded, whole } from '../report/words.ts';
import type { Goal } from '../section.ts';
import type { Drain } from './drain.ts';
import { onServers } from './index.ts';
import type { OnServer } from './index.ts';
import { onEach } from './kinds.ts';
import { asks } from './open.ts';
import type { Open } from './open.ts';

export const askWords = {
  summary: 'summary',
  list: 'first page of the list',
  filtered: 'first page of a filter',
  count: 'count of a filter',
} as const;

export const openSections = onEach<OnServer>({
  name: 'open',
  title: 'Many on the server',
  seconds: { full: 800, quick: 150 },
  measure: onServers,
  page: ({ open, drain }) => [
    ...(open.length === 0 ? [] : [...openWords, '', table(openHead, open.map(openCells))]),
    ...(open.some(({ opening }) => opening !== null) ? ['', openingWords(open)] : []),
    ...(drain === null ? [] : ['', drainWords(drain)]),
  ],
  goals: ({ open, drain }, on) => [
    ...open.slice(-1).map((most) => summaryGoal(most, on)),
    ...open.slice(-1).flatMap((most) => openingGoal(most, on)),
    ...(drain === null ? [] : [drainGoal(drain, on)]),
  ],
});

const openWords = [
  '**Open journeys on the server**, every tenth of a business, started 64 at a time without a worker. What operators’ questions take then, p50 / p95 in',
  'milliseconds; a summary is asked for anew each time, and a filter names a state and a kind of account.',
];
const openHead = ['journeys', 'starts a second', 'database each', 'server', ...asks.map((ask) => askWords[ask])];
const openCells = ({ journeys, startsPerSecond, bytes, memory, took }: Open) => [
  whole(journeys),
  whole(startsPerSecond),
  kilobytes(bytes),
  megabytes(memory),
  ...asks.map((ask) => `${ms(took[ask].p50)} / ${ms(took[ask].p95)}`),
];

const openingWords = (open: readonly Open[]) =>
  [
    '**The console opens**, in a real Chromium, milliseconds from its address to its figures: *Now* right after the gateway’s start, *Now* as whoever comes later',
    'opens it, *People* by a filter.',
    '',
    table(
      ['journeys', 'Now, the very first', 'Now', 'People'],
      open.flatMap(({ journeys, opening }) =>
        opening === null ? [] : [[whole(journeys), ms(opening.first), ms(opening.now), ms(opening.people)]],
      ),
    ),
  ].join('\n');

const drainWords = (drain: Drain) =>
  [
    `**A recovery** of ${whole(drain.stalled)} stalled journeys among ${whole(drain.others)} others, its pace raised to ${drain.upToPerSecond} a second (20 by default) and the limit of sends out of`,
    `the way: ${whole(drain.recovered)} are recovered in ${whole(drain.seconds)} s and ${drain.runs} ${drain.runs === 1 ? 'run' : 'runs'}, ${rounded(drain.reached)} a second in its middle half;`,
    `${rounded(drain.worker)} ms of CPU each in the worker, ${rounded(drain.server)} ms in the server.`,
  ].join('\n');

const summaryGoal = ({ journeys, took }: Open, on: string): Goal => ({
  what: `a summary of ${whole(journeys)} open journeys, ${on}`,
  wanted: '≤ 1 s p50',
  found: `${ms(took.summary.p50)} ms`,
  met: took.summary.p50 <= 1_000,
  why: 'three of its eleven counts go through all that run, and SQL counts row by row',
});

const openingGoal = ({ journeys, opening }: Open, on: string): Goal[] => {
  if (opening === null) return [];
  const slowest = Math.max(opening.now, opening.people);
  return [
    {
      what: `the console opens among ${whole(journeys)} journeys, ${on}`,
      wanted: '≤ 1 s',
      found: `${ms(slowest)} ms, the very first time ${ms(opening.first)} ms`,
      met: slowest <= 1_000,
      why: 'its count goes through all that run, and so do those by which the oldest are looked for meanwhile',
    },
  ];
};

const drainGoal = (
  { stalled, others, upToPerSecond, recovered, reached, worker, server }: Drain,
  on: string,
): Goal => ({
  what: `recovery of ${whole(stalled)} among ${whole(others)}, ${on}`,
  wanted: `all, at ≥ 90 % of ${upToPerSecond} a second`,
  found: `${whole(recovered)}, at ${rounded(reached)}`,
  met: recovered === stalled && reached >= 0.9 * upToPerSecond,
  why: `each takes ${rounded(worker + server)} ms of CPU, the provider’s and a database’s not counted, on a machine that all of them share`,
});
