import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../workflows/contract.ts';
import type { Counts } from './directory.ts';
import { findFailing } from './failing.ts';
import type { Failing } from './failing.ts';
import { kept } from './kept.ts';
import { findPollers, queueUses } from './pollers.ts';

/**
 * Why nothing happens, told apart by who can do something about it.
 *
 * - `noWorker`: nobody polls one of the task queues
 * - `codeError`: the journey's code fails on what has happened, again and again
 * - `credentials`: the provider refuses the key
 * - `providerAway`: the provider is not reached, or takes no more requests; recovery goes on from there
 * - `providerRefuses`: the provider says no to these users
 * - `operator`: locked or paused; an operator opens or resumes
 * - `time`: over a limit of sends; it goes on by itself
 * - `user`: none of these, as far as is known: a code is on its way, or the user is next
 */
export const stuckKinds = [
  'noWorker',
  'codeError',
  'credentials',
  'providerAway',
  'providerRefuses',
  'operator',
  'time',
  'user',
] as const;
export type StuckKind = (typeof stuckKinds)[number];

export interface Stuck {
  readonly kind: StuckKind;
  /** Journeys that are stuck so; for `noWorker` every open one may be, and then none is counted as the user's. */
  readonly journeys: number;
  /** In plain words; `null` where it is not so. */
  readonly words: string | null;
}

/** Looking for failing journeys one by one costs an older server something. */
const FAILING_LIFE = 10_000;

/** Tells what is stuck, and why. No worker is needed. */
export class Stuckness {
  readonly #client: Client;
  readonly #taskQueue: string;
  readonly #failing: () => Promise<Failing>;

  constructor({ client, taskQueue = TASK_QUEUE }: { readonly client: Client; readonly taskQueue?: string }) {
    this.#client = client;
    this.#taskQueue = taskQueue;
    this.#failing = kept(FAILING_LIFE, () => findFailing(client));
  }

  /** Each kind of it, the gravest first, of journeys that were counted just now. */
  async of(counts: Counts): Promise<readonly Stuck[]> {
    const [unpolled, failing] = await Promise.all([this.#unpolled(), this.#failing()]);
    const { open, others, ...stuck } = sorted(counts);
    const isUnpolled = unpolled.length > 0;
    const journeys = {
      noWorker: isUnpolled ? open : 0,
      codeError: failing.count,
      ...stuck,
      // Without a worker nobody knows which of them wait for it alone.
      user: isUnpolled ? 0 : Math.max(0, others - failing.count),
    };
    return stuckKinds.map((kind) => {
      const isSo = kind === 'noWorker' ? isUnpolled : journeys[kind] > 0;
      const names = kind === 'noWorker' ? unpolled : failing.examples;
      return { kind, journeys: journeys[kind], words: isSo ? phrases[kind](many(journeys[kind]), names) : null };
    });
  }

  async #unpolled(): Promise<string[]> {
    const polled = await Promise.all(queueUses.map((use) => findPollers(this.#client, this.#taskQueue, use)));
    return polled.filter(({ workers }) => workers === 0).map(({ queue }) => queue);
  }
}

const phrases: { readonly [K in StuckKind]: (journeys: string, names: readonly string[]) => string } = {
  noWorker: (journeys, queues) => `no worker polls ${queues.join(', ')}: start one; ${journeys} may wait for it`,
  codeError: (journeys, users) =>
    `a fault in our own code stops ${journeys}, such as ${users.join(', ')}: its workflow task fails again and again; deploy code that is mended, or the code before`,
  credentials: (journeys) => `the provider refuses the key: ${journeys} stalled; recovery goes on once the key works`,
  providerAway: (journeys) => `the provider is away: ${journeys} stalled; recovery goes on once it is back`,
  providerRefuses: (journeys) => `the provider refuses ${journeys}: each says why, and only an operator retries it`,
  operator: (journeys) => `${journeys} locked or paused until an operator acts`,
  time: (journeys) => `${journeys} over a limit of sends, going on by time alone`,
  user: (journeys) => `${journeys} going on: a code is on its way, or the user is next`,
};

const many = (count: number) => `${count} ${count === 1 ? 'journey' : 'journeys'}`;

function sorted({ states, steps, reasons }: Counts) {
  const open = states.emailPending + states.emailVerified + states.smsPending;
  const { locked, paused, stalled } = steps;
  return {
    open,
    credentials: reasons.credentials,
    providerAway: reasons.providerUnavailable + reasons.rateLimited,
    providerRefuses: reasons.providerRefused,
    operator: locked + paused,
    time: reasons.sendLimit,
    others: open - locked - paused - stalled,
  };
}
