import { table } from '../../client/docs/markdown.ts';
import { kilobytes, megabytes, ms, rounded, seconds, whole } from '../report/format.ts';
import type { Throughput } from './throughput.ts';
import type { Idle } from './idle.ts';
import { measureWorker } from './index.ts';
import type { WorkerFigures } from './index.ts';
import { defineForEachServer } from './kinds.ts';

/** The goal for the memory of an idle journey in the worker's process, in bytes. */
const MAX_BYTES = 250_000;

export const idleSections = defineForEachServer<WorkerFigures>({
  name: 'idle',
  title: 'Many journeys in one worker',
  seconds: { full: 720, quick: 150 },
  measure: measureWorker,
  page: ({ flow, idle }) => [
    ...throughputText(flow),
    ...(idle.length === 0 ? [] : ['', ...idleText, '', table(idleHead, idle.map(idleCells))]),
  ],
  goals: ({ idle }, on) =>
    idle.slice(-1).map(({ journeys, cached, memory, memoryInAll }) => ({
      what: `memory of each of ${whole(journeys)} idle journeys in one worker, ${on}`,
      wanted: `≤ ${kilobytes(MAX_BYTES)}, with a cache of ${whole(cached)}`,
      found: `${kilobytes(memory)}, ${megabytes(memoryInAll)} in total`,
      isMet: memory <= MAX_BYTES,
      why: 'a fifth of it is the heap of the journeys; the rest is the SDK’s, for hand-written workflows as well',
    })),
});

const throughputText = ({ journeys, perSecond, worker, server, written }: Throughput) => [
  `**Throughput**: ${whole(journeys)} journeys with 32 concurrent users, ${rounded(perSecond)} a second. A journey takes ${rounded(worker)} ms of CPU in the worker and ${rounded(server)} ms in Temporal’s server.`,
  ...(written === null
    ? []
    : [
        `By its own statistics, and without what it writes while idle, PostgreSQL commits ${rounded(written.commits)} times a journey and writes ${rounded(written.rows)} rows and ${kilobytes(written.bytes)} of its write-ahead log.`,
      ]),
];

const idleText = [
  '**Idle journeys in one worker**, all of them in its cache. Memory is that of the process for each journey; heap is that of the workflow thread after a garbage',
  'collection. Then the worker is killed and started again. The table shows the time until the server registers its poll, until it answers a query, of 100 statuses',
  'read one after the other, and of all others read eight at a time; each read replays the journey. For ten seconds after the last poll of the killed worker, Temporal',
  'treats it as running; a status read meanwhile comes from the history alone (`live: false`).',
];
const idleHead = [
  'journeys',
  'cache',
  'memory each',
  'memory in total',
  'heap each',
  'server',
  'polls',
  'answers',
  'status, p50 / p95',
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
  `${ms(again.statusReads.p50)} / ${ms(again.statusReads.p95)} ms`,
  seconds(again.others),
];
