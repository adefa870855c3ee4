import { table } from '../../client/diagram/table.ts';
import { kilobytes, megabytes, ms, rounded, seconds, whole } from '../report/words.ts';
import type { Flow } from './flow.ts';
import type { Idle } from './idle.ts';
import { inWorker } from './index.ts';
import type { InWorker } from './index.ts';
import { onEach } from './kinds.ts';

/** The most that an idle journey is to take of a worker's process, in bytes. */
const MOST = 250_000;

export const idleSections = onEach<InWorker>({
  name: 'idle',
  title: 'Many in one worker',
  seconds: { full: 720, quick: 150 },
  measure: inWorker,
  page: ({ flow, idle }) => [
    ...flowWords(flow),
    ...(idle.length === 0 ? [] : ['', ...idleWords, '', table(idleHead, idle.map(idleCells))]),
  ],
  goals: ({ idle }, on) =>
    idle.slice(-1).map(({ journeys, cached, memory, memoryInAll }) => ({
      what: `${whole(journeys)} idle journeys in one worker, ${on}`,
      wanted: `≤ ${kilobytes(MOST)} each, in a cache of ${whole(cached)}`,
      found: `${kilobytes(memory)}, ${megabytes(memoryInAll)} in all`,
      met: memory <= MOST,
      why: 'a fifth of it is the journeys’ heap; the rest is what the SDK holds for each, as it does for hand-written ones',
    })),
});

const flowWords = ({ journeys, perSecond, worker, server, written }: Flow) => [
  `**Through**: ${whole(journeys)} journeys, 32 at a time, ${rounded(perSecond)} a second; ${rounded(worker)} ms of CPU each in the worker, ${rounded(server)} ms in Temporal’s server.`,
  ...(written === null
    ? []
    : [
        `Each has PostgreSQL commit ${rounded(written.commits)} times, write ${rounded(written.rows)} rows and ${kilobytes(written.bytes)} of its log, by its own counts, less what it writes while nothing happens.`,
      ]),
];

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
