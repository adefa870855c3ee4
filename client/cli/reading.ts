import { Option } from 'commander';
import type { Command } from 'commander';
import { listedSteps } from '../../workflows/listing.ts';
import { stallReasons } from '../../workflows/context.ts';
import { states } from '../../workflows/status.ts';
import type { ListRequest, Summary } from '../http/index.ts';
import { answer, door, userArgument, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { clock, tellStatus } from './tell.ts';
import { watchStatus } from './watch.ts';

interface Given {
  readonly json?: boolean;
}

/** The words that tell how journeys stand. */
export function addReading(program: Command, desk: Desk): void {
  status(program, desk);
  timeline(program, desk);
  list(program, desk);
  summary(program, desk);
  webhooks(program, desk);
}

function status(program: Command, desk: Desk): void {
  word(program, 'status', 'Where a journey is, and what is allowed', 'status ada --watch')
    .addArgument(userArgument())
    .option('-w, --watch', 'follow it until its final state')
    .action(async (user: string, { watch, ...options }: Given & { watch?: boolean }) => {
      const client = door(desk, 'app');
      if (watch === true) return watchStatus(desk, client.watch(user), options);
      const now = await client.status(user);
      answer(desk, options, now, () => desk.out.say(tellStatus(now)));
    });
}

function timeline(program: Command, desk: Desk): void {
  word(program, 'timeline', 'What happened, in plain words', 'timeline ada')
    .addArgument(userArgument())
    .action(async (user: string, options: Given) => {
      answer(desk, options, await door(desk, 'viewer').timeline(user), ({ items }) => {
        const rows = items.map(({ at, what, by, reason }) => [moment(desk, at), what, by ?? '', reason ?? '']);
        desk.out.table(['at', 'what', 'by', 'reason'], rows);
      });
    });
}

function list(program: Command, desk: Desk): void {
  word(program, 'list', 'Lists journeys, the newest start first', 'list --step stalled --limit 20')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .addOption(new Option('--step <step>', 'only those at this step').choices(listedSteps))
    .addOption(new Option('--reason <reason>', 'only those stalled for this').choices(stallReasons))
    .addOption(new Option('--account-type <type>', 'only those of this type').choices(['individual', 'business']))
    .option('--user-id <user>', 'only this user’s')
    .option('--limit <count>', '1 to 200')
    .option('--cursor <next>', 'go on where the page before ended')
    .action(async ({ json = false, ...query }: Given & Omit<ListRequest, 'limit'> & { limit?: string }) => {
      const { limit, ...filter } = query;
      const asked = { ...filter, ...(limit !== undefined && { limit: Number(limit) }) };
      answer(desk, { json }, await door(desk, 'viewer').list(asked), ({ items, next }) => {
        const rows = items.map((each) => [
          each.userId,
          each.accountType ?? '',
          each.state,
          each.step ?? '',
          each.reason ?? '',
          moment(desk, each.since),
          moment(desk, each.startedAt),
        ]);
        desk.out.table(['user', 'type', 'state', 'step', 'reason', 'since', 'started'], rows);
        if (next !== null && desk.out.isTerminal) desk.out.say(`and older ones: --cursor ${next}`);
      });
    });
}

function summary(program: Command, desk: Desk): void {
  word(program, 'summary', 'Counts journeys by state, step and reason', 'summary').action(async (options: Given) => {
    answer(desk, options, await door(desk, 'viewer').summary(), (counted) => {
      desk.out.table(['what', 'which', 'journeys'], countsIn(counted));
    });
  });
}

function countsIn({ total, ...counted }: Summary): string[][] {
  const rows = (what: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([which, count]) => [what, which, String(count)]);
  return [
    ...rows('state', counted.states),
    ...rows('step', counted.steps),
    ...rows('reason', counted.reasons),
    ['total', '', String(total)],
  ];
}

function webhooks(program: Command, desk: Desk): void {
  const family = word(program, 'webhooks', 'Lists the events that went out, or sends one again', 'webhooks --limit 20')
    .option('--limit <count>', '1 to 200')
    .option('--cursor <next>', 'go on where the page before ended')
    .action(async ({ json = false, limit, cursor }: Given & { limit?: string; cursor?: string }) => {
      const query = { ...(limit !== undefined && { limit: Number(limit) }), ...(cursor !== undefined && { cursor }) };
      answer(desk, { json }, await door(desk, 'viewer').webhooks(query), ({ items, next }) => {
        const head = Object.keys(items[0] ?? {});
        const cell = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
        const rows = items.map((item) => head.map((name) => cell(item[name])));
        desk.out.table(head, rows);
        if (next !== null && desk.out.isTerminal) desk.out.say(`and more: --cursor ${next}`);
      });
    });
  word(family, 'resend', 'Sends an event out again', 'webhooks resend msg_2f')
    .argument('<id>', 'of the event')
    .action(async (id: string, options: Given) => {
      const sent = await door(desk, 'operator').resendWebhook(id);
      answer(desk, options, sent, () => desk.out.say(`${sent.id} is being sent again`));
    });
}

/** A time of day for people, the whole moment for programs. */
function moment({ out }: Desk, at: string): string {
  return out.isTerminal ? `${at.slice(0, 10)} ${clock(at)}` : at;
}
