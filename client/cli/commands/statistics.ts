import { Option } from 'commander';
import type { Command } from 'commander';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import type { AccountType } from '../../../workflows/journey/account-types.ts';
import { channelFacts, channels, isNeeded } from '../../../workflows/journey/channels.ts';
import type { Statistics, StatisticsRequest } from '../../http-client/index.ts';
import { formatDuration } from '../../presentation/format-time.ts';
import { resolutions } from '../../statistics/period.ts';
import { addRead, connectClient, printRead } from '../context.ts';
import type { CliContext } from '../context.ts';
import { sparkline } from '../output/sparkline.ts';

/** Adds the command that shows figures over time. */
export function addStatisticsCommand(program: Command, context: CliContext): void {
  const description = 'Shows sign-ups, verifications, ends and the provider’s replies over time';
  addRead(program, 'stats', description, 'stats', 'stats --resolution day --output csv > stats.csv')
    .option('--from <time>', 'start, RFC 3339 (default: 24 hours or 30 days before the end)')
    .option('--to <time>', 'end, RFC 3339 (default: now)')
    .addOption(new Option('--resolution <unit>', 'by hour or by day').choices(resolutions).default('hour'))
    .action(async ({ from, to, resolution }: StatisticsRequest) => {
      const request = { resolution, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      const client = connectClient(context, 'viewer');
      await printRead(
        context,
        () => client.statistics(request),
        (read) => (context.out.isTerminal ? printCharts(context, read) : printPoints(context, read)),
      );
    });
}

type Point = Statistics['points'][number];

/** The series of numbers, by name. */
const series: { readonly [name: string]: (point: Point) => number | null } = {
  'signed up': ({ signUps }) => signUps,
  ...Object.fromEntries(
    channels.map((channel) => [
      `${channelFacts[channel].label} verified`.toLowerCase(),
      ({ verified }: Point) => verified[channel],
    ]),
  ),
  done: ({ done }) => done,
  'ended as done': ({ ends }) => ends.done,
  expired: ({ ends }) => ends.expired,
  cancelled: ({ ends }) => ends.cancelled,
  stalled: ({ reports }) => reports && sum(Object.values(reports.stalled)),
  'codes sent': ({ reports }) => reports && sum(channels.map((channel) => reports.sends[channel].sent)),
  'provider requests': ({ reports }) => reports && reports.requests,
  'provider failures': ({ reports }) => reports && reports.failed,
};

/** Prints a row for each point, for programs. */
function printPoints({ out }: CliContext, { points }: Statistics): void {
  const rows = points.map((point) => [point.at, ...Object.values(series).map((of) => String(of(point) ?? ''))]);
  out.table(['at', ...Object.keys(series)], rows);
}

/** Prints a line chart and a total for each series, and the conversion by account type. */
function printCharts({ out }: CliContext, read: Statistics): void {
  const { points, resolution, accounts, previous, notes } = read;
  out.writeLine(`By ${resolution} from ${read.from} to ${read.to}`);
  const rows = Object.entries(series).map(([name, of]) => {
    const values = points.map(of);
    const known = values.filter((value) => value !== null);
    return [name, sparkline(values), known.length === 0 ? 'unknown' : String(sum(known))];
  });
  out.table(['what', 'over time', 'total'], rows);
  const head = ['account', 'signed up', ...channels.map((channel) => `${channelFacts[channel].label} verified`)];
  out.table(
    [...head, 'done', 'median time', '95 % within', 'done, the period before'],
    accountTypes.map((type) => [
      type,
      ...conversionOf(type, accounts[type]),
      shareText(previous.accounts[type].done, previous.accounts[type].signUps),
    ]),
  );
  if (read.reports !== null) out.writeLine(providerLine(read.reports));
  for (const note of notes) out.writeLine(out.colours.dim(note));
}

function conversionOf(type: AccountType, counted: Statistics['accounts'][AccountType]): string[] {
  const { signUps, verified, done, timeToVerified } = counted;
  const duration = (milliseconds: number | null) => (milliseconds === null ? '–' : formatDuration(milliseconds));
  return [
    String(signUps),
    ...channels.map((channel) => (isNeeded(channel, type) ? shareText(verified[channel], signUps) : 'not needed')),
    shareText(done, signUps),
    duration(timeToVerified.p50),
    duration(timeToVerified.p95),
  ];
}

function providerLine({ requests, failed, p50, p95 }: NonNullable<Statistics['reports']>): string {
  if (requests === 0) return 'provider: no requests';
  const within = (milliseconds: number | null) => (milliseconds === null ? 'over 10,000 ms' : `${milliseconds} ms`);
  return `provider: ${shareText(requests - failed, requests)} of ${requests} requests answered; half within ${within(p50)}, 95 % within ${within(p95)}`;
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? '–' : `${part} (${Math.round((100 * part) / whole)} %)`;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
