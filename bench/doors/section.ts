import { table } from '../../client/diagram/table.ts';
import { kilobytes, ms, rounded, timesIn, whole } from '../report/words.ts';
import { section } from '../section.ts';
import { hops } from './hops.ts';
import type { Hops } from './hops.ts';
import { throughDoors } from './index.ts';
import type { Doors } from './index.ts';
import { doors } from './visits.ts';

const words = {
  signUp: 'sign-up, to the request at the provider',
  code: 'a code, to its outcome',
  status: 'status',
  longPoll: 'a code, to the answer of who waits for news',
} as const;

const names: { readonly [H in keyof Hops]: string } = {
  gateway: 'the gateway and the server’s start',
  worker: 'the way to the worker',
  task: 'the first workflow task',
  queue: 'the way over the sends’ queue',
  activity: 'the activity, to its request',
};
const hopWords = (found: Hops) => hops.map((hop) => `${ms(found[hop])} ms ${names[hop]}`).join(', ');

const head = ['', 'p50 ms', 'p95 ms', 'p99 ms', 'times'];

export const doorsSection = section<Doors>({
  name: 'doors',
  title: 'Through the doors',
  seconds: { full: 200, quick: 50 },
  measure: throughDoors,
  page: ({ alone, ceiling, loads, reads, waiting }) =>
    [
      'From outside, over HTTP: server, worker, gateway and provider each a process, all on this machine, on a database file as `temporal-dev.yml` has it.',
      `Users come at a pace, whether or not those before are through, and go on to the end. The ceiling is what 32 at a time make: ${rounded(ceiling)} whole journeys a second.`,
      'The provider takes 20 ms, which is in the time of a code.',
      '',
      table(head, [
        ['alone: sign-up, to the request at the provider', ...timesIn(alone)],
        ...loads.flatMap(({ share, perSecond, visits }) =>
          doors.map((door) => [
            `at ${share * 100} % (${rounded(perSecond)}/s): ${words[door]}`,
            ...timesIn(visits[door]),
          ]),
        ),
      ]),
      '',
      `Alone, half the sign-ups take no longer than this for each part: ${hopWords(alone.hops)}.`,
      '',
      `**A status that has not changed**, read as often by many at a time as by one; CPU in milliseconds a read.`,
      '',
      table(
        ['readers', 'reads', 'in', 'questions to the worker', 'CPU of worker', 'gateway', 'server', 'p50 ms', 'p99 ms'],
        [reads.many, reads.alone].map((read) => [
          String(read.readers),
          whole(read.reads),
          `${rounded(read.seconds)} s`,
          whole(read.queries),
          ...[read.worker, read.gateway, read.server].map((cpu) => rounded(cpu, 2)),
          ms(read.took.p50),
          ms(read.took.p99),
        ]),
      ),
      '',
      `**${waiting.callers} callers who wait** for as many users: ${rounded(waiting.idle * 100)} % of a core and ${kilobytes(waiting.memory)} each in the gateway. From a command to the answer of who waits:`,
      `p50 ${ms(waiting.woken.p50)} ms, p95 ${ms(waiting.woken.p95)} ms, p99 ${ms(waiting.woken.p99)} ms.`,
    ].join('\n'),
  goals: ({ alone, reads }) => [
    {
      what: 'a lone sign-up, to the provider',
      wanted: '≤ 25 ms p50',
      found: `${ms(alone.p50)} ms`,
      met: alone.p50 <= 25,
      why: 'the first workflow task is mostly the SDK’s, as a hand-written journey’s takes nearly as long, and an eager start or an eager activity would need gateway and worker in one process, or sends without the fleet’s limit',
    },
    {
      what: 'a status that has not changed, in the worker',
      wanted: 'nothing',
      found: `${whole(reads.many.queries)} questions for ${whole(reads.many.reads)} reads by ${reads.many.readers} readers, ${whole(reads.alone.queries)} for as many by one`,
      met: reads.many.queries === 0 && reads.alone.queries === 0,
      why: 'only a worker’s own answer shows that one runs: the server sees its last poll, which may be a minute old; readers at the same time share it',
    },
  ],
});
