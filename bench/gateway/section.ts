import { table } from '../../client/docs/markdown.ts';
import { kilobytes, ms, rounded, timesIn, whole } from '../report/format.ts';
import { defineSection } from '../section.ts';
import { hops } from './hops.ts';
import type { Hops } from './hops.ts';
import { measureGateway } from './index.ts';
import type { GatewayFigures } from './index.ts';
import { endpoints } from './user-load.ts';

const words = {
  signUp: 'sign-up, to the request at the provider',
  code: 'submitting a code',
  status: 'status',
  longPoll: 'a code, to the reply to a long-poll',
} as const;

const names: { readonly [H in keyof Hops]: string } = {
  gateway: 'the gateway and the start of the workflow',
  worker: 'delivery of the first workflow task to the worker',
  task: 'the first workflow task',
  queue: 'the task queue of the sends',
  activity: 'the activity, to its HTTP request',
};
const formatHops = (found: Hops) => hops.map((hop) => `${ms(found[hop])} ms ${names[hop]}`).join(', ');

const head = ['', 'p50 ms', 'p95 ms', 'p99 ms', 'requests'];

export const gatewaySection = defineSection<GatewayFigures>({
  name: 'gateway',
  title: 'Through the gateway',
  seconds: { full: 200, quick: 50 },
  measure: measureGateway,
  page: ({ alone, ceiling, loads, reads, waiting }) =>
    [
      'Measured by an HTTP client. The Temporal server of `temporal-dev.yml` with a database file, the worker, the gateway and the provider are separate',
      'processes on one machine. Users arrive at a fixed rate, independently of the users before them, and complete their journeys. 32 concurrent users reach',
      `${rounded(ceiling)} journeys a second, which is the maximum that the percentages refer to. The provider takes 20 ms to reply, which the time to submit a code includes.`,
      '',
      table(head, [
        ['one user at a time: sign-up, to the request at the provider', ...timesIn(alone)],
        ...loads.flatMap(({ share, perSecond, visits }) =>
          endpoints.map((endpoint) => [
            `at ${share * 100} % (${rounded(perSecond)}/s): ${words[endpoint]}`,
            ...timesIn(visits[endpoint]),
          ]),
        ),
      ]),
      '',
      `The median of each part of a sign-up, with one user at a time: ${formatHops(alone.hops)}.`,
      '',
      `**Reading a status that has not changed**, by many concurrent readers and by one. CPU is in milliseconds a read.`,
      '',
      table(
        ['readers', 'reads', 'time', 'queries to the worker', 'CPU of worker', 'gateway', 'server', 'p50 ms', 'p99 ms'],
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
      `**${waiting.callers} concurrent long-polls** for as many users take ${rounded(waiting.idle * 100)} % of a core and ${kilobytes(waiting.memory)} each in the gateway. From a command to the reply to the`,
      `long-poll: p50 ${ms(waiting.woken.p50)} ms, p95 ${ms(waiting.woken.p95)} ms, p99 ${ms(waiting.woken.p99)} ms.`,
    ].join('\n'),
  goals: ({ alone, reads }) => [
    {
      what: 'time from a sign-up to the request at the provider, one user at a time',
      wanted: '≤ 25 ms p50',
      found: `${ms(alone.p50)} ms`,
      isMet: alone.p50 <= 25,
      why: 'the SDK takes most of the time of the first workflow task, for a hand-written journey as well. An eager workflow start would need the gateway and the worker in one process, and an eager activity would bypass the rate limit of sends',
    },
    {
      what: 'queries to a worker for reads of a status that has not changed',
      wanted: '0',
      found: `${whole(reads.many.queries)} for ${whole(reads.many.reads)} reads by ${reads.many.readers} readers, ${whole(reads.alone.queries)} for as many by one`,
      isMet: reads.many.queries === 0 && reads.alone.queries === 0,
      why: 'only a query shows whether a worker runs, since the newest poll that the server reports may be a minute old. Concurrent readers share a query',
    },
  ],
});
