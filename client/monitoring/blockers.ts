import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import type { TroubleKind } from '../../workflows/provider-health/contract.ts';
import type { Counts } from '../search/journey-search.ts';
import { findFailing } from './failing-workflow-tasks.ts';
import type { FailingJourneys } from './failing-workflow-tasks.ts';
import { countUndelivered, describeUndelivered } from '../webhooks/undelivered.ts';
import type { UndeliveredCounts } from '../webhooks/undelivered.ts';
import { describeAwaiting, findAwaiting } from '../bulk-operations/awaiting-approval.ts';
import type { AwaitingApproval } from '../bulk-operations/awaiting-approval.ts';
import { many, phrases } from './blocker-texts.ts';
import { cachedFor } from './cached.ts';
import { findPollers, queueUses } from './pollers.ts';
import { describeTrouble, troubleTexts } from './provider-trouble.ts';
import { readProviderHealth } from './provider-health.ts';
import type { ProviderHealth, ProviderTrouble } from './provider-health.ts';
import { describePause, readRecoveryState, RESUME_ADVICE } from './recovery-pause.ts';
import { describeStalls } from './stalled-texts.ts';

/**
 * Reasons why journeys do not proceed, by who can act on them.
 *
 * - `recoveryPaused`: an operator has paused recovery, so that nothing retries what is stalled
 * - `noWorker`: no worker polls one of the task queues
 * - `codeError`: the workflow code fails repeatedly on a journey's history
 * - `slowReplay`: workflow tasks time out, for example while replaying a long history; the code is correct
 * - `keyRefused` `providerSilent` `providerFailing` `providerUnknown` `providerRateLimited`: a considerable share of recent
 *   requests of several users fails in this way; none of them counts journeys, since sends are retried before a journey stalls
 * - `credentials`: journeys stalled because the provider refused the key
 * - `providerAway`: journeys stalled because the provider gave no reply; recovery retries them
 * - `rateLimited`: journeys stalled because the provider limits our requests; recovery retries them
 * - `providerRefuses`: the provider refuses these users
 * - `unknownUser`: the provider does not know these users yet; recovery retries them once an hour
 * - `unsupported`: the provider does not serve these users
 * - `webhooks`: status changes were not delivered; it counts no journeys, since a journey never waits for a delivery
 * - `approval`: bulk operations wait for the approval of a second operator; it counts no journeys, since they are not blocked by it
 * - `operator`: locked or paused; an operator retries or resumes
 * - `sendBudget`: all journeys together have used up the budget of sends; they continue in the next hour or day
 * - `time`: the send limit is reached; the journey continues automatically
 * - `user`: none of the above is known: a code is being sent, or the user must act
 */
export const blockerKinds = [
  'recoveryPaused',
  'noWorker',
  'codeError',
  'slowReplay',
  'keyRefused',
  'providerSilent',
  'providerFailing',
  'providerUnknown',
  'providerRateLimited',
  'credentials',
  'providerAway',
  'rateLimited',
  'providerRefuses',
  'unknownUser',
  'unsupported',
  'sendBudget',
  'webhooks',
  'approval',
  'operator',
  'time',
  'user',
] as const;
export type BlockerKind = (typeof blockerKinds)[number];

export interface Blocker {
  readonly kind: BlockerKind;
  /** Number of affected journeys; `null` for a kind that counts none. For `noWorker` this is every open journey, and `user` is 0. */
  readonly journeys: number | null;
  /** Description for operators; `null` if the blocker does not exist. */
  readonly description: string | null;
  /** RFC 3339; `null` if unknown. */
  readonly since: string | null;
  /** What an operator can do; `null` if there is nothing to do, or if `description` already says it. */
  readonly action: string | null;
}

/** Every kind of blocker, and the figures that they were derived from. */
interface FoundBlockers {
  readonly present: readonly Blocker[];
  readonly health: ProviderHealth | null;
  readonly webhooks: UndeliveredCounts;
}

/** Cache lifetime of the provider health, in milliseconds. */
const HEALTH_CACHE_MS = 2_000;
/** Cache lifetime of the counts of undelivered webhooks and of operations that wait, in milliseconds. They change slowly. */
const COUNTS_CACHE_MS = 5_000;
/** On older servers, failing journeys are found by describing them one by one. */
const FAILING_CACHE_MS = 10_000;

/** Finds what blocks journeys. Needs no worker. */
export class Blockers {
  readonly #client: Client;
  readonly #taskQueue: string;
  readonly #failing: () => Promise<FailingJourneys>;
  readonly #health: () => Promise<ProviderHealth | null>;
  readonly #webhooks: () => Promise<UndeliveredCounts>;
  readonly #awaiting: () => Promise<AwaitingApproval>;

  constructor({
    client,
    taskQueue = TASK_QUEUE,
    providerHealth = cachedFor(HEALTH_CACHE_MS, () => readProviderHealth(client, taskQueue)),
  }: {
    readonly client: Client;
    readonly taskQueue?: string;
    readonly providerHealth?: () => Promise<ProviderHealth | null>;
  }) {
    this.#client = client;
    this.#taskQueue = taskQueue;
    this.#failing = cachedFor(FAILING_CACHE_MS, () => findFailing(client));
    this.#health = providerHealth;
    this.#webhooks = cachedFor(COUNTS_CACHE_MS, () => countUndelivered(client));
    this.#awaiting = cachedFor(COUNTS_CACHE_MS, () => findAwaiting(client));
  }

  /**
   * Returns every kind of blocker, the most severe first, and the figures that they were derived from.
   *
   * @param counts current counts
   */
  async of(counts: Counts): Promise<FoundBlockers> {
    const { unpolled, failing, webhooks, awaiting, health, recovery } = await this.#read();
    const isUnpolled = unpolled.length > 0;
    const { open, others, ...blockers } = sorted(counts);
    const retried = blockers.credentials + blockers.providerAway + blockers.rateLimited + blockers.unknownUser;
    const isPaused = typeof recovery === 'object';
    const journeys = {
      recoveryPaused: isPaused ? retried : 0,
      noWorker: isUnpolled ? open : 0,
      codeError: failing.count,
      slowReplay: failing.timedOut.count,
      ...noJourneys,
      ...blockers,
      // Without a worker it is unknown which journeys wait only for the user.
      user: isUnpolled ? 0 : Math.max(0, others - failing.count - failing.timedOut.count),
    };
    const describe = (kind: BlockerKind): Description => {
      const count = journeys[kind] ?? 0;
      switch (kind) {
        case 'recoveryPaused':
          return isPaused ? describePaused(recovery, count) : notBlocked;
        case 'keyRefused':
        case 'providerSilent':
        case 'providerFailing':
        case 'providerUnknown':
        case 'providerRateLimited':
          return describeProviderTrouble(health?.troubles.find((trouble) => kindOfTrouble[trouble.kind] === kind));
        case 'credentials':
        case 'providerAway':
        case 'rateLimited':
          if (count === 0) return notBlocked;
          return describeStalls(kind, { count, journeys: many(count) }, { health, recovery });
        case 'webhooks':
          return { ...notBlocked, ...describeUndelivered(webhooks) };
        case 'approval':
          return describeAwaiting(awaiting) ?? notBlocked;
        case 'noWorker':
          return isUnpolled ? withDescription(phrases[kind](many(count), unpolled)) : notBlocked;
        case 'user':
          return count === 0
            ? notBlocked
            : withDescription(phrases[hasTrouble(health) ? 'retried' : 'user'](many(count), []));
        case 'slowReplay':
          return count === 0 ? notBlocked : withDescription(phrases[kind](many(count), failing.timedOut.examples));
        case 'codeError':
        case 'providerRefuses':
        case 'unknownUser':
        case 'unsupported':
        case 'sendBudget':
        case 'operator':
        case 'time':
          return count === 0 ? notBlocked : withDescription(phrases[kind](many(count), failing.examples));
      }
    };
    const present = blockerKinds.map((kind) => ({ kind, journeys: journeys[kind], ...describe(kind) }));
    return { present, health, webhooks };
  }

  async #read() {
    const [unpolled, failing, webhooks, awaiting] = await Promise.all([
      this.#unpolled(),
      this.#failing(),
      this.#webhooks(),
      this.#awaiting(),
    ]);
    // Workers answer the health query, so it is skipped if none polls.
    const health = unpolled.length > 0 ? null : this.#health();
    const [known, recovery] = await Promise.all([health, readRecoveryState(this.#client)]);
    return { unpolled, failing, webhooks, awaiting, health: known, recovery };
  }

  async #unpolled(): Promise<string[]> {
    const polled = await Promise.all(queueUses.map((use) => findPollers(this.#client, this.#taskQueue, use)));
    return polled.filter(({ workers }) => workers === 0).map(({ queue }) => queue);
  }
}

type Description = Omit<Blocker, 'kind' | 'journeys'>;

const notBlocked: Description = { description: null, since: null, action: null };
const withDescription = (description: string): Description => ({ ...notBlocked, description });

const kindOfTrouble = {
  keyRefused: 'keyRefused',
  silent: 'providerSilent',
  failing: 'providerFailing',
  unknown: 'providerUnknown',
  rateLimited: 'providerRateLimited',
} as const satisfies { readonly [K in TroubleKind]: BlockerKind };

/** Kinds that count no journeys: a number would read as if the blocker were absent. */
const noJourneys = {
  webhooks: null,
  approval: null,
  keyRefused: null,
  providerSilent: null,
  providerFailing: null,
  providerUnknown: null,
  providerRateLimited: null,
};

const hasTrouble = (health: ProviderHealth | null) => health !== null && health.troubles.length > 0;

function describePaused(recovery: Parameters<typeof describePause>[0], retried: number): Description {
  return {
    description: describePause(recovery, `stalled journeys, currently ${many(retried)}`),
    since: recovery.since,
    action: RESUME_ADVICE,
  };
}

function describeProviderTrouble(trouble: ProviderTrouble | undefined): Description {
  if (trouble === undefined) return notBlocked;
  return { description: describeTrouble(trouble), since: trouble.since, action: troubleTexts[trouble.kind].action };
}

function sorted({ states, steps, reasons }: Counts) {
  const open = states.emailPending + states.emailVerified + states.smsPending;
  const { locked, paused, stalled } = steps;
  return {
    open,
    credentials: reasons.credentials,
    providerAway: reasons.providerUnavailable,
    rateLimited: reasons.rateLimited,
    providerRefuses: reasons.providerRefused,
    unknownUser: reasons.unknownUser,
    unsupported: reasons.unsupported,
    operator: locked + paused,
    sendBudget: reasons.sendBudget,
    time: reasons.sendLimit,
    others: open - locked - paused - stalled,
  };
}
