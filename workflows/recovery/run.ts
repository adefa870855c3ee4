import { workflowInfo } from '@temporalio/workflow';
import { activityCaller } from '../engine/index.ts';
import type { PlainWorkflow } from '../engine/index.ts';
import { requestRecord } from '../provider-effects.ts';
import type { StallReason } from '../journey/stall-reasons.ts';
import { HOUR, MINUTE, SECOND } from '../journey/policy/policy.ts';
import { RECOVERY_MEMO } from './contract.ts';
import type { RecoveryActivities, RecoveryInput, RecoveryResult, RecoveryRun, AttemptResult } from './contract.ts';
import { recoveryResults } from './parse.ts';
import { withResults, failures, increaseRate, deprioritizeUsers, startDraining } from './state.ts';
import type { RecoveryState } from './state.ts';
import { without } from './deprioritized.ts';
import { describeFailureAgain, failureTexts, NOT_YET } from './outcome-texts.ts';
import { verdictOf } from './verdict.ts';

/** The duration of a slice of attempts: how soon a pause takes effect, and how often progress is published. */
const SLICE_SECONDS = 2;
/** Journeys in a row that do not accept an attempt before a run stops looking for a canary. */
const MAX_CANARY_CANDIDATES = 20;
/** Canaries that must fail before the provider counts as unavailable. One or two may fail for reasons of their user. */
const MAX_CANARIES = 3;
/** Unanswered attempts in a row that end a run, although the provider answers requests for a record. */
const MAX_CONSECUTIVE_FAILURES = 5;
/** The same for a rejected key or the rate limit, which rarely concern a single user. */
const MAX_CONSECUTIVE_REFUSALS = 3;
/** A run also ends when this share of its attempts, of several users, reached the rate limit. */
const LIMITED_SHARE = 0.2;
/** How often users that the provider did not know are attempted, and how many at a time. */
const REVISIT_INTERVAL_MS = HOUR;
const MAX_REVISITED = 100;

const STOPPED = 'an operator paused recovery';
const NOT_CURRENT = 'the Schedule is paused, or has not started this run';

type Workflow = PlainWorkflow<RecoveryInput, RecoveryState>;

/**
 * A run of recovery.
 *
 * 1. The canary's record is read before its attempt, which sends nothing. Any definite reply shows that the provider is back.
 *    Without one, further canaries are attempted, because the failure may concern a single user.
 * 2. An attempt is one request. If the provider does not answer it, the journey stays stalled.
 * 3. After an unanswered attempt, the canary's record is read again to distinguish an outage from the failure of one user. A
 *    single user never ends a run for the others.
 * 4. Users that the provider did not know are attempted once an hour, after all others.
 * 5. Memory holds only the users of one slice and a position in the queue.
 */
export class RecoveryRunner {
  readonly #workflow: Workflow;
  readonly #input: RecoveryInput;
  readonly #call = activityCaller<RecoveryActivities>(recoveryResults, {
    startToCloseTimeout: 2 * MINUTE,
    heartbeatTimeout: 10 * SECOND,
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
  });
  #state: RecoveryState;
  #isStopped = false;

  constructor(workflow: Workflow, state: RecoveryState) {
    this.#workflow = workflow;
    this.#input = workflow.start;
    this.#state = state;
  }

  /** Stops after the attempts in flight. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Ends a run that the Schedule has not started, or that an operator has paused. `undefined` if it may continue. */
  async refuse(): Promise<RecoveryResult | undefined> {
    const request = { input: this.#input, isTriggered: this.#state.triggered !== null };
    return (await this.#call('confirmRun', request)) ? undefined : this.#finish('idle', NOT_CURRENT);
  }

  /** Attempts canaries until the provider answers one or fails several. Returns the result if that ends the run. */
  async tryCanaries(): Promise<RecoveryResult | undefined> {
    const failed: AttemptResult[] = [];
    let isAnswering = false;
    for (let candidate = 0; candidate < MAX_CANARY_CANDIDATES && !this.#isStopped; candidate += 1) {
      const canary = await this.#nextCanary();
      if (canary === undefined) {
        await this.#revisit();
        return this.#finish('idle', 'no recoverable journeys are left');
      }
      // All remaining journeys have been attempted in this run.
      if (failed.some(({ userId }) => userId === canary)) break;
      this.#publishProgress('probing');
      const verdict = (await this.#checkProvider(canary)) ?? (await this.#tryCanary(canary));
      // An offered code needs no request to the provider, which has just returned the record.
      if (verdict === 'answered' || verdict === 'offered') {
        this.#state = startDraining(deprioritizeUsers(this.#state, failed, false), verdict, Date.now());
        return;
      }
      if (verdict === 'skipped') {
        isAnswering = true;
        this.#state = { ...this.#state, deprioritized: without(this.#state.deprioritized, canary) };
        continue;
      }
      failed.push({ userId: canary, verdict });
      this.#state = deprioritizeUsers(this.#state, failed.slice(-1), true);
      if (failed.length === MAX_CANARIES) break;
    }
    // If the provider has answered for another user, fewer failures than the maximum concern only their own users.
    const last = isAnswering && failed.length < MAX_CANARIES ? undefined : failed.at(-1)?.verdict;
    if (!this.#isStopped && last !== undefined && last !== 'answered' && last !== 'offered' && last !== 'skipped')
      return this.#finish('waiting', failureTexts[last]);
    return this.#finish('idle', this.#isStopped ? STOPPED : NOT_YET);
  }

  /** Attempts the other journeys, oldest stall first, until none is left or the provider fails again. */
  async drain(): Promise<RecoveryResult> {
    for (let slices = 0; !this.#isStopped; slices += 1) {
      if (slices === this.#input.slices) return this.#workflow.continueAsNew(this.#state);
      const places = await this.#listOldest(Math.ceil(this.#state.pace * SLICE_SECONDS));
      const users = places.length > 0 ? places.map(({ userId }) => userId) : this.#nextBatch();
      if (users.length === 0) {
        await this.#revisit();
        return this.#finish('idle', 'all stalled journeys have been attempted');
      }
      this.#publishProgress('draining');
      const tried = await this.#tryUsers(users, 'the provider is back');
      this.#state = { ...withResults(this.#state, tried), after: places[tried.length - 1] ?? this.#state.after };
      const failed = failures(tried);
      if (failed.length === 0) this.#state = increaseRate(this.#state, this.#input, Date.now());
      else if (await this.#isProviderAwayAgain(failed)) return this.#finish('waiting', describeFailureAgain(failed));
    }
    return this.#finish('idle', STOPPED);
  }

  /** The oldest stall that is not deprioritized, or else the user whose last attempt is oldest. */
  async #nextCanary(): Promise<string | undefined> {
    const [place] = await this.#listOldest(1);
    const { left, after } = this.#state;
    const deprioritized = left === 0 ? [] : this.#state.deprioritized;
    const canary = place?.userId ?? deprioritized[0]?.userId;
    this.#state = { ...this.#state, deprioritized, canary: canary ?? null, after: place ?? after };
    return canary;
  }

  async #tryCanary(canary: string): Promise<AttemptResult['verdict']> {
    const reason = `the first of ${this.#state.left} stalled journeys: is the provider back?`;
    const [tried] = await this.#tryUsers([canary], reason);
    return tried?.verdict ?? 'skipped';
  }

  /** After all others, users that failed in earlier runs are attempted one at a time. */
  #nextBatch(): readonly string[] {
    const [next, ...tail] = this.#state.tail;
    this.#state = { ...this.#state, tail };
    return next === undefined ? [] : [next];
  }

  async #listOldest(most: number) {
    const { after, startedAt: before, deprioritized } = this.#state;
    const exclude = deprioritized.map(({ userId }) => userId);
    const { taskQueue } = workflowInfo();
    const found = await this.#call('listOldestStalled', { taskQueue, after, before, most, exclude });
    this.#state = { ...this.#state, left: found.remaining };
    return found.items;
  }

  /** Attempts users that the provider did not know, oldest stall first, each once per run: it may know them now. */
  async #revisit(): Promise<void> {
    const { startedAt: before, revisitedAt } = this.#state;
    if (Date.now() < revisitedAt + REVISIT_INTERVAL_MS) return;
    this.#state = { ...this.#state, revisitedAt: Date.now() };
    const { taskQueue } = workflowInfo();
    const request = { taskQueue, after: null, before, most: MAX_REVISITED, exclude: [], unknownUsers: true };
    const { items: places } = await this.#call('listOldestStalled', request);
    let rest = places.map(({ userId }) => userId);
    while (rest.length > 0 && !this.#isStopped) {
      const slice = rest.slice(0, Math.ceil(this.#state.pace * SLICE_SECONDS));
      rest = rest.slice(slice.length);
      const tried = await this.#tryUsers(slice, 'does the provider know this user by now?');
      if (failures(tried).length > 0) return;
    }
  }

  #tryUsers(users: readonly string[], why: string): Promise<readonly AttemptResult[]> {
    const { id: run, pace: perSecond, triggered } = this.#state;
    const reason = triggered === null ? why : `${why} (${triggered.by.name}: ${triggered.reason})`;
    return this.#call('tryUsers', { users, perSecond, run, reason });
  }

  /** Whether the provider is unavailable again. If it is not, the failed users are attempted last. */
  async #isProviderAwayAgain(failed: readonly AttemptResult[]): Promise<boolean> {
    const { canary } = this.#state;
    const away = canary === null ? 'providerUnavailable' : await this.#checkProvider(canary);
    const { pace } = this.#state;
    const isLimited = failed.some(({ verdict }) => verdict === 'rateLimited');
    this.#state = {
      ...deprioritizeUsers(this.#state, failed, away !== undefined),
      rateSince: Date.now(),
      pace: isLimited ? Math.min(pace, Math.max(1, pace / 2)) : pace,
    };
    return away !== undefined || this.#isForAll(failed);
  }

  /** Whether attempts of several users failed so often that the cause is not a single user. */
  #isForAll(failed: readonly AttemptResult[]): boolean {
    const { consecutiveFailures, done, notAnswered, rateLimited } = this.#state;
    const isRefused = failed.some(({ verdict }) => verdict === 'rateLimited' || verdict === 'credentials');
    if (consecutiveFailures >= (isRefused ? MAX_CONSECUTIVE_REFUSALS : MAX_CONSECUTIVE_FAILURES)) return true;
    return rateLimited >= MAX_CONSECUTIVE_REFUSALS && rateLimited >= LIMITED_SHARE * (done + notAnswered);
  }

  /** Reads a user's record at the provider. Returns the reason if there was no definite reply. */
  async #checkProvider(userId: string): Promise<StallReason | undefined> {
    const answer = await requestRecord(userId, this.#input);
    return verdictOf(answer).reason ?? undefined;
  }

  #publishProgress(state: RecoveryRun['state']): void {
    this.#workflow.upsertMemo(RECOVERY_MEMO, this.#progress(state, null));
  }

  #finish(state: RecoveryRun['state'], outcome: string): RecoveryResult {
    const { deprioritized, revisitedAt } = this.#state;
    return { run: this.#progress(state, outcome), deprioritized, revisitedAt };
  }

  #progress(state: RecoveryRun['state'], outcome: string | null): RecoveryRun {
    const { startedAt, canary, pace, done, notAnswered, offered, left, triggered } = this.#state;
    return {
      state,
      startedAt,
      canary,
      pace: done + offered === 0 ? null : pace,
      done,
      notAnswered,
      offered,
      remaining: left,
      outcome,
      triggered,
    };
  }
}
