import { table } from '../../client/diagram/table.ts';
import { kilobytes, ms, rounded, timesIn } from '../report/words.ts';
import { section } from '../section.ts';
import { throughDoors } from './index.ts';
import type { Doors } from './index.ts';
import { doors } from './visits.ts';

const words = {
  signUp: 'sign-up, to the request at the provider',
  code: 'a code, to its outcome',
  status: 'status',
  longPoll: 'a code, to the answer of who waits for news',
} as const;

const head = ['', 'p50 ms', 'p95 ms', 'p99 ms', 'times'];

export const doorsSection = section<Doors>({
  name: 'doors',
  title: 'Through the doors',
  seconds: { full: 180, quick: 35 },
  measure: throughDoors,
  page: ({ alone, ceiling, loads, reads, waiting }) =>
    [
      'From outside, over HTTP: server, worker, gateway and provider each a process, all on this machine, on a database file as `temporal-dev.yml` has it.',
      `Users come at a pace, whether or not those before are through. As many as possible at a time make ${rounded(ceiling)} whole journeys a second.`,
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
      `**A status that has not changed**, 20 readers at a time: p50 ${ms(reads.took.p50)} ms, p99 ${ms(reads.took.p99)} ms. A read costs ${rounded(reads.worker, 2)} ms of CPU`,
      `in the worker, ${rounded(reads.gateway, 2)} ms in the gateway, ${rounded(reads.server, 2)} ms in the server.`,
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
      why: 'sends have a queue of their own with a limit for the whole fleet, which rules out eager activities',
    },
    {
      what: 'a status that has not changed, in the worker',
      wanted: 'nothing',
      found: `${rounded(reads.worker, 2)} ms of CPU`,
      met: reads.worker < 0.01,
      why: 'only a worker’s own answer shows that one runs: the server sees its last poll, which may be a minute old',
    },
  ],
});
