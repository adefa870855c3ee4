import { table } from '../../client/diagram/table.ts';
import { defaultRates } from '../../client/settings.ts';
import type { Exact } from '../exact/index.ts';
import { rounded, whole } from '../report/words.ts';
import { actionPrices, assumed, million, ofOnesOwn, storagePrices } from './million.ts';
import type { OnPostgres } from './million.ts';

const DAY = 24 * 3_600;

/** A million users a day, on paper: nothing here is measured anew, everything follows from the figures of other chapters. */
export function paper(exact: Exact, postgres: OnPostgres): string {
  const day = million(exact);
  if (day === undefined) return '';
  const own = ofOnesOwn(postgres);
  const { users, business, peak, retentionDays } = assumed;
  return [
    '## On paper: a million users a day',
    '',
    `Reckoned from the exact figures and those on PostgreSQL. Assumed: ${whole(users)} users a day, ${business * 100} % of them a business, everybody verified within the hour without`,
    `a detour; ${peak} times the average in the busiest second; ${retentionDays} days of retention.`,
    '',
    table(['a day', ''], dayRows(day)),
    '',
    table(['in Temporal Cloud, a month', ''], cloudRows(day)),
    '',
    cloudWords,
    '',
    ...(own === undefined
      ? ['On a server of one’s own: what PostgreSQL writes was not measured.']
      : [table(['on a server of one’s own', ''], ownRows(own)), '', ownWords]),
    '',
    '**What breaks first**, and at how many users a day:',
    '',
    table(['', 'breaks at'], breaks(day, own)),
    '',
  ].join('\n');
}

type Day = NonNullable<ReturnType<typeof million>>;
type Own = NonNullable<ReturnType<typeof ofOnesOwn>>;

const dayRows = ({ each, actions, events, bytes, tasks, sends, retained }: Day) => [
  [`billed actions (${each.individual} an individual, ${each.business} a business)`, millions(actions)],
  ['events', millions(events)],
  ['histories', `${rounded(bytes / 1e9)} GB; ${whole(retained)} GB kept after ${assumed.retentionDays} days`],
  ['workflow tasks', `${whole(tasks.average)} a second, ${whole(tasks.peak)} at the peak`],
  ['sends', `${millions(sends)}, ${rounded(sends / DAY)} a second, ${whole((sends * assumed.peak) / DAY)} at the peak`],
];

const cloudRows = ({ actions, month }: Day) => [
  [`${whole((actions * assumed.daysOfMonth) / 1e6)} million actions`, dollars(month.actions)],
  ['histories kept', dollars(month.retained)],
  ['histories of open journeys', dollars(month.active)],
];

const [first] = actionPrices;
const most = actionPrices.at(-1) ?? first;
const cloudWords = [
  `List prices of November 2026, pay as you go ([Temporal’s documentation](https://docs.temporal.io/cloud/pricing)): $${first[1]} for each of the first ${first[0]} million actions of a month,`,
  `down to $${most[1]}; beyond ${most[0]} million they are negotiated, and reckoned at $${most[1]} here. A GB-hour is $${storagePrices.retained} kept and $${storagePrices.active} open; the plan comes on top. A query`,
  'is an action as well: each status that is asked of a journey adds one, so a product that polls may well pay more for its reads than for the journeys.',
].join('\n');

const ownRows = ({ commits, rows, log, shards, busy, cores }: Own) => [
  ['commits of PostgreSQL', `${whole(commits.average)} a second, ${whole(commits.peak)} at the peak`],
  ['rows written at the peak', `${whole(rows)} a second`],
  ['write-ahead log', `${whole(log / 1e9)} GB a day`],
  [`shards: ${rounded(busy)} writes at once at the peak`, whole(shards)],
  ['cores of workers, and of the server, at the peak', `${rounded(cores.worker)}, ${rounded(cores.server)}`],
];

const ownWords = [
  `A shard writes one thing after the other ([what a shard is](https://docs.temporal.io/temporal-service/temporal-server#history-shard)). So that writes rarely wait, each is to be busy for ${assumed.held * 100} % of the time, at`,
  `${assumed.write * 1_000} ms for a commit that is replicated; the next power of two is taken. The number of shards can never be changed. All commits are reckoned as a`,
  'shard’s, though some are of the task queues.',
].join('\n');

/** The limits, in the order in which they are met. */
function breaks({ sends }: Day, own: Own | undefined): string[][] {
  const { users, peak } = assumed;
  const allowed = defaultRates.sendsPerSecond * DAY;
  const limits = [
    {
      at: (users * allowed) / sends,
      what: `the provider’s rate: the policy allows ${defaultRates.sendsPerSecond} sends a second, ${millions(allowed)} a day, and ${millions(sends)} are wanted, on an even day; at the peak it is reached at a ${ordinal(peak)} of that, and journeys wait for their turn`,
    },
    ...(own === undefined
      ? []
      : [
          ...(own.count === undefined
            ? []
            : [
                {
                  at: users * (COUNT_WITHIN / own.count),
                  what: `a summary within a second: its count of ends goes through all that are kept, and would take ${rounded(own.count / 1_000)} s over ${whole((users * assumed.retentionDays) / 1e6)} million of them in PostgreSQL, by how a count of open ones grows; visibility in Elasticsearch, or a shorter retention`,
                },
              ]),
          {
            at: users / own.cores.worker,
            what: 'one worker, at the peak: its workflows run in one thread; more workers are all that it takes',
          },
          {
            at: (users * own.commits.here) / own.commits.peak,
            what: `the ${whole(own.commits.here)} commits a second that were reached here, on a machine that everything shares, at the peak`,
          },
        ]),
  ];
  return limits
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, what }) => [what, `${whole(Number(at.toPrecision(2)))} users a day`]);
}

/** Of that one of a summary's counts which goes through all that are kept, so that the whole is there in a second: milliseconds. */
const COUNT_WITHIN = 1_000;

const millions = (value: number) => `${rounded(value / 1e6, 2)} million`;
const dollars = (value: number) => `$${whole(value)}`;
const ordinal = (value: number) => (value === 5 ? 'fifth' : `${value}th`);
