import type { Count } from '../exact/count.ts';
import type { Exact } from '../exact/index.ts';
import type { Flow } from '../scale/flow.ts';
import type { Open } from '../scale/open.ts';

/** What is taken for granted; everything else is measured. */
export const assumed = {
  users: 1_000_000,
  /** The share of users who are a business. */
  business: 0.1,
  /** How much more comes in the busiest second than on average. */
  peak: 5,
  retentionDays: 30,
  daysOfMonth: 30,
  /** How long a journey is open, in hours, from sign-up to verified. */
  openFor: 1,
  /** How long a shard is held for one write to a replicated database, in seconds; it does one after the other. */
  write: 0.01,
  /** The share of time that a shard may be held, so that writes rarely wait for each other. */
  held: 0.1,
} as const;

/** Temporal Cloud's list prices, pay as you go, in US dollars: millions of actions a month up to which, and for one million. */
export const actionPrices = [
  [5, 50],
  [10, 45],
  [20, 40],
  [50, 35],
  [100, 30],
  [200, 25],
] as const;
/** For one GB kept for one hour. */
export const storagePrices = { active: 0.042, retained: 0.00105 } as const;

const DAY = 24 * 3_600;

/** What so many users a day come to, from the exact figures. */
export function million({ stories }: Exact) {
  const of = (name: string) => stories.find((story) => story.name === name)?.counts[0];
  const [individual, business] = [of('happy path'), of('happy path of a business')];
  if (individual === undefined || business === undefined) return undefined;
  const { users, peak } = assumed;
  const each = (cost: (count: Count) => number) => mixed(cost(individual), cost(business));
  const bytes = users * each((count) => count.bytes);
  const actions = users * each((count) => count.actions);
  const tasks = (users * each((count) => count.workflowTasks)) / DAY;
  const sends = users * mixed(2, 1);
  const retained = (bytes * assumed.retentionDays) / 1e9;
  const active = (bytes * assumed.openFor) / 24 / 1e9;
  return {
    each: { individual: individual.actions, business: business.actions, bytes: bytes / users },
    actions,
    events: users * each((count) => count.events),
    bytes,
    tasks: { average: tasks, peak: tasks * peak },
    sends,
    retained,
    month: {
      actions: priceOf((actions * assumed.daysOfMonth) / 1e6),
      retained: retained * 24 * assumed.daysOfMonth * storagePrices.retained,
      active: active * 24 * assumed.daysOfMonth * storagePrices.active,
    },
  };
}

const mixed = (individual: number, business: number) =>
  individual * (1 - assumed.business) + business * assumed.business;

/** Of a month's actions, in millions; those beyond the list at its last price, which is negotiable there. */
export function priceOf(actions: number): number {
  let [price, from, last] = [0, 0, 0];
  for (const [upTo, each] of actionPrices) {
    price += Math.max(0, Math.min(actions, upTo) - from) * each;
    [from, last] = [upTo, each];
  }
  return price + Math.max(0, actions - from) * last;
}

/** What was measured on PostgreSQL. */
export interface OnPostgres {
  readonly flow: Flow | undefined;
  readonly open: readonly Open[];
}

/** What so many a day ask of a server of one's own; nothing where it was not measured what is written. */
export function ofOnesOwn({ flow, open }: OnPostgres) {
  if (flow === undefined || flow.written === null) return undefined;
  const { written } = flow;
  const { users, peak, write, held } = assumed;
  const commits = (users * written.commits) / DAY;
  const busy = commits * peak * write;
  const cores = (milliseconds: number) => (users * milliseconds) / 1_000 / DAY;
  return {
    /** A second; `here`: as many as were reached on the machine of the figures. */
    commits: { average: commits, peak: commits * peak, here: flow.perSecond * written.commits },
    rows: (users * written.rows * peak) / DAY,
    log: users * written.bytes,
    shards: 2 ** Math.ceil(Math.log2(busy / held)),
    busy,
    cores: { worker: cores(flow.worker) * peak, server: cores(flow.server) * peak },
    count: countAt(open, users * assumed.retentionDays),
  };
}

/** Of fewer, a count is too quick to be drawn on from. */
const MANY = 10_000;

/** How long a count takes at so many journeys, in milliseconds, drawn on from the two largest that were measured. */
export function countAt(open: readonly Open[], journeys: number): number | undefined {
  const [before, last] = open.slice(-2);
  if (before === undefined || last === undefined || last.journeys < MANY) return undefined;
  const [from, to] = [before.took.count.p50, last.took.count.p50];
  return to + ((journeys - last.journeys) * Math.max(0, to - from)) / (last.journeys - before.journeys);
}
