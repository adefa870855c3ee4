import { table } from '../../client/docs/markdown.ts';
import { kilobytes, megabytes, ms, rounded, whole } from '../report/format.ts';
import type { Goal } from '../section.ts';
import type { DrainFigures } from './drain.ts';
import { measureServer } from './index.ts';
import type { OpenServerFigures } from './index.ts';
import { defineForEachServer } from './kinds.ts';
import { requests } from './open.ts';
import type { OpenFigures } from './open.ts';

export const requestNames = {
  summary: 'summary',
  list: 'first page of the list',
  filtered: 'first page of a filter',
  count: 'count of a filter',
} as const;

export const openSections = defineForEachServer<OpenServerFigures>({
  name: 'open',
  title: 'Many journeys on the server',
  seconds: { full: 800, quick: 150 },
  measure: measureServer,
  page: ({ open, drain }) => [
    ...(open.length === 0 ? [] : [...openText, '', table(openHead, open.map(openCells))]),
    ...(open.some(({ opening }) => opening !== null) ? ['', openingText(open)] : []),
    ...(drain === null ? [] : ['', drainText(drain)]),
  ],
  goals: ({ open, drain }, on) => [
    ...open.slice(-1).map((most) => summaryGoal(most, on)),
    ...open.slice(-1).flatMap((most) => openingGoal(most, on)),
    ...(drain === null ? [] : [drainGoal(drain, on)]),
  ],
});

const openText = [
  '**Open journeys on the server**, started 64 at a time without a worker; every tenth account is a business. The table shows the time of operators’ requests,',
  'p50 / p95 in milliseconds. The summary is not cached, and the filter has a state and an account type.',
];
const openHead = [
  'journeys',
  'starts a second',
  'database each',
  'server',
  ...requests.map((ask) => requestNames[ask]),
];
const openCells = ({ journeys, startsPerSecond, bytes, memory, took }: OpenFigures) => [
  whole(journeys),
  whole(startsPerSecond),
  kilobytes(bytes),
  megabytes(memory),
  ...requests.map((ask) => `${ms(took[ask].p50)} / ${ms(took[ask].p95)}`),
];

const openingText = (open: readonly OpenFigures[]) =>
  [
    '**Opening the console** in Chromium: milliseconds from the request of the page until its figures are shown. *Now* right after the start of the gateway, *Now* later,',
    'and *People* with a filter.',
    '',
    table(
      ['journeys', 'Overview, the very first', 'Overview', 'People'],
      open.flatMap(({ journeys, opening }) =>
        opening === null ? [] : [[whole(journeys), ms(opening.first), ms(opening.now), ms(opening.people)]],
      ),
    ),
  ].join('\n');

const drainText = (drain: DrainFigures) =>
  [
    `**A recovery** of ${whole(drain.stalled)} stalled journeys among ${whole(drain.others)} others, with its maximum rate raised to ${drain.upToPerSecond} a second (20 by default) and no rate limit of sends:`,
    `${whole(drain.recovered)} were recovered in ${whole(drain.seconds)} s and ${drain.runs} ${drain.runs === 1 ? 'run' : 'runs'}, with ${rounded(drain.reached)} a second in the middle half of the sends. Each took ${rounded(drain.worker)} ms of CPU`,
    `in the worker and ${rounded(drain.server)} ms in the server.`,
  ].join('\n');

const summaryGoal = ({ journeys, took }: OpenFigures, on: string): Goal => ({
  what: `time of a summary of ${whole(journeys)} open journeys, ${on}`,
  wanted: '≤ 1 s p50',
  found: `${ms(took.summary.p50)} ms`,
  isMet: took.summary.p50 <= 1_000,
  why: 'three of its eleven counts cover all open journeys, and SQL counts row by row',
});

const openingGoal = ({ journeys, opening }: OpenFigures, on: string): Goal[] => {
  if (opening === null) return [];
  const slowest = Math.max(opening.now, opening.people);
  return [
    {
      what: `time to open the console with ${whole(journeys)} journeys, ${on}`,
      wanted: '≤ 1 s',
      found: `${ms(slowest)} ms, first request ${ms(opening.first)} ms`,
      isMet: slowest <= 1_000,
      why: 'its count covers all open journeys, and so do the counts that find the oldest ones at the same time',
    },
  ];
};

const drainGoal = (
  { stalled, others, upToPerSecond, recovered, reached, worker, server }: DrainFigures,
  on: string,
): Goal => ({
  what: `recovery of ${whole(stalled)} stalled journeys among ${whole(others)}, ${on}`,
  wanted: `all, at ≥ ${rounded(0.9 * upToPerSecond)} a second`,
  found: `${whole(recovered)}, at ${rounded(reached)}`,
  isMet: recovered === stalled && reached >= 0.9 * upToPerSecond,
  why: `each takes ${rounded(worker + server)} ms of CPU in worker and server, so ${upToPerSecond} a second need ${rounded((upToPerSecond * (worker + server)) / 1_000)} cores, which provider and database share`,
});
