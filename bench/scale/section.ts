import { table } from '../../client/diagram/table.ts';
import { kilobytes, megabytes, ms, rounded, seconds, whole } from '../report/words.ts';
import { section } from '../section.ts';
import type { Goal } from '../section.ts';
import type { Drain } from './drain.ts';
import type { Idle } from './idle.ts';
import { scaleOn } from './index.ts';
import type { Scale, Scaled } from './index.ts';
import { asks } from './open.ts';
import type { Open } from './open.ts';
import { startDevelopment, startOverPostgres } from './servers.ts';
import type { StartScaled } from './servers.ts';

export const words = {
  summary: 'summary',
  list: 'first page of the list',
  filtered: 'first page of a filter',
  count: 'count of a filter',
} as const;

/** @param server what it is measured on, in plain words */
function scaleSection(name: string, title: string, server: string, start: StartScaled) {
  return section<Scaled>({
    name,
    title,
    seconds: { full: 960, quick: 150 },
    apart: true,
    measure: scaleOn(start),
    page: (scaled) => ('missing' in scaled ? `Not measured here: ${scaled.missing}.` : page(scaled, server)),
    goals: (scaled) => ('missing' in scaled ? [] : goals(scaled, title)),
  });
}

export const developmentSection = scaleSection(
  'scale-dev',
  'At scale: the development server',
  'The server of `temporal-dev.yml` on a database file, one shard',
  startDevelopment,
);

export const postgresSection = scaleSection(
  'scale-postgres',
  'At scale: PostgreSQL',
  'Temporal 1.32.1 over PostgreSQL, both with the settings that they come with, four shards, each on a database of its own',
  startOverPostgres,
);

function page({ flow, idle, open, drain }: Scale, server: string): string {
  return [
    `By \`npm run bench:scale\`. ${server}; worker, provider and server share this machine.`,
    '',
    `**Through**: ${whole(flow.journeys)} journeys, 32 at a time, ${rounded(flow.perSecond)} a second; ${rounded(flow.worker)} ms of CPU each in the worker, ${rounded(flow.server)} ms in Temporal’s server.`,
    ...(flow.written === null
      ? []
      : [
          `Each has PostgreSQL commit ${rounded(flow.written.commits)} times, write ${rounded(flow.written.rows)} rows and ${kilobytes(flow.written.bytes)} of its log, by its own counts, less what it writes while nothing happens.`,
        ]),
    ...(idle.length === 0 ? [] : ['', ...idleWords, '', table(idleHead, idle.map(idleCells))]),
    ...(open.length === 0 ? [] : ['', ...openWords, '', table(openHead, open.map(openCells))]),
    ...(drain === null ? [] : ['', drainWords(drain)]),
  ].join('\n');
}

const idleWords = [
  '**Idle journeys in one worker**, all of them in its cache. Memory is what the process holds for each, heap what its workflows’ thread still uses',
  'after a collection. Then the worker is killed and started again: until the server sees it poll, until a status is told by it, 100 statuses one after the',
  'other, and all the others eight at a time, each journey replayed for it. Temporal takes a worker for gone ten seconds after its last poll; a status asked',
  'for meanwhile is answered from what the server knows (`live: false`).',
];
const idleHead = [
  'journeys',
  'cache',
  'memory each',
  'in all',
  'heap each',
  'server',
  'polls',
  'tells',
  'a status, p50 / p95',
  'all others',
];
const idleCells = ({ journeys, cached, memory, memoryInAll, heap, server, again }: Idle) => [
  whole(journeys),
  whole(cached),
  kilobytes(memory),
  megabytes(memoryInAll),
  kilobytes(heap),
  megabytes(server),
  seconds(again.polls),
  seconds(again.answers),
  `${ms(again.asked.p50)} / ${ms(again.asked.p95)} ms`,
  seconds(again.others),
];

const openWords = [
  '**Open journeys on the server**, every tenth of a business, started 64 at a time without a worker. What operators’ questions take then, p50 / p95 in',
  'milliseconds; a summary is asked for anew each time, and a filter names a state and a kind of account.',
];
const openHead = ['journeys', 'starts a second', 'database each', 'server', ...asks.map((ask) => words[ask])];
const openCells = ({ journeys, startsPerSecond, bytes, memory, took }: Open) => [
  whole(journeys),
  whole(startsPerSecond),
  kilobytes(bytes),
  megabytes(memory),
  ...asks.map((ask) => `${ms(took[ask].p50)} / ${ms(took[ask].p95)}`),
];

const drainWords = ({
  stalled,
  others,
  upToPerSecond,
  reached,
  recovered,
  seconds: took,
  runs,
  worker,
  server,
}: Drain) =>
  [
    `**A recovery** of ${whole(stalled)} stalled journeys among ${whole(others)} others, its pace raised to ${upToPerSecond} a second (20 by default) and the limit of sends out of the`,
    `way: ${whole(recovered)} are recovered in ${whole(took)} s and ${runs} ${runs === 1 ? 'run' : 'runs'}, ${rounded(reached)} a second in its middle half; ${rounded(worker)} ms of CPU each in the worker,`,
    `${rounded(server)} ms in the server.`,
  ].join('\n');

function goals({ idle, open, drain }: Scale, title: string): Goal[] {
  const [held, most] = [idle.at(-1), open.at(-1)];
  const where = title.slice(title.indexOf(':') + 2);
  return [
    held && {
      what: `${whole(held.journeys)} idle journeys in one worker, ${where}`,
      wanted: `≤ 250 KB each in a cache of ${whole(held.cached)}`,
      found: `${kilobytes(held.memory)}, ${megabytes(held.memoryInAll)} in all`,
      met: held.memory <= 250_000,
      why: 'see the chapter',
    },
    most && {
      what: `a summary of ${whole(most.journeys)} open journeys, ${where}`,
      wanted: '≤ 1 s p95',
      found: `${ms(most.took.summary.p95)} ms`,
      met: most.took.summary.p95 <= 1_000,
      why: 'it counts by fourteen filters, and SQL counts row by row',
    },
    drain && {
      what: `recovery of ${whole(drain.stalled)} among ${whole(drain.others)}, ${where}`,
      wanted: `all, at ≥ 90 % of ${drain.upToPerSecond} a second`,
      found: `${whole(drain.recovered)}, at ${rounded(drain.reached)}`,
      met: drain.recovered === drain.stalled && drain.reached >= 0.9 * drain.upToPerSecond,
      why: 'see the chapter',
    },
  ].filter((goal) => goal !== undefined && goal !== null);
}
