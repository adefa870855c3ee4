import { continueAsNew, proxyActivities, upsertMemo, workflowInfo } from '@temporalio/workflow';
import { askForRecord } from '../ask.ts';
import type { StallReason } from '../context.ts';
import { MINUTE, SECOND } from '../policy.ts';
import { RECOVERY_MEMO } from './contract.ts';
import type { RecoveryActivities, RecoveryOrder, RecoveryResult, RecoveryRun, Tried } from './contract.ts';
import { counted, failures, hasten, setAside, setOut } from './drain.ts';
import type { Drain } from './drain.ts';
import { without } from './passed-over.ts';
import type { recovery } from './recovery.ts';
import { verdictOf } from './verdict.ts';

/** So much time's worth of journeys is tried in one go: how soon a pause takes effect, and how often progress is shown. */
const SLICE_SECONDS = 2;
/** Journeys that do not take a try, one after the other, before a run gives up finding a canary. */
const MOST_CANDIDATES = 20;
/** Tries in a row that are not judged, although the provider answers when it is asked for a record. */
const TOO_MANY_IN_A_ROW = 5;

const HELD = 'an operator has paused it';

/**
 * A run of recovery.
 *
 * 1. The canary's record is read before it is tried, which sends nothing. Any definite reply says that the provider is back.
 * 2. A try is one request. What the provider does not judge leaves a journey stalled, as it was.
 * 3. After a try that was not judged, the canary's record is read again: it tells one user's trouble from everybody's.
 * 4. Nobody is held in memory beyond a slice; a place in the row of stalls is.
 */
export class Run {
  readonly #order: RecoveryOrder;
  readonly #activities = proxyActivities<RecoveryActivities>({
    startToCloseTimeout: 2 * MINUTE,
    heartbeatTimeout: 10 * SECOND,
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
  });
  #drain: Drain;
  #held = false;

  constructor(order: RecoveryOrder, drain: Drain) {
    this.#order = order;
    this.#drain = drain;
  }

  /** Stops after what is in flight. */
  hold(): void {
    this.#held = true;
  }

  /** Tries canaries until one was judged, or was not. Gives the result where the run is over with that. */
  async probe(): Promise<RecoveryResult | undefined> {
    for (let candidate = 0; candidate < MOST_CANDIDATES && !this.#held; candidate += 1) {
      const canary = await this.#nextCanary();
      if (canary === undefined) return this.#over('idle', 'nobody is stalled whom a try may help');
      this.#show('probing');
      const verdict = (await this.#silence(canary)) ?? (await this.#tryCanary(canary));
      if (verdict === 'judged') {
        this.#drain = setOut(this.#drain, Date.now());
        return;
      }
      if (verdict !== 'skipped') {
        this.#drain = setAside(this.#drain, [{ userId: canary, verdict }], true);
        return this.#over('waiting', silences[verdict]);
      }
      this.#drain = { ...this.#drain, passedOver: without(this.#drain.passedOver, canary) };
    }
    return this.#over('idle', this.#held ? HELD : 'nobody who is stalled may be sent to now');
  }

  /** Takes the others, the oldest stall first, until nobody is left or the provider fails again. */
  async drain(): Promise<RecoveryResult> {
    for (let slices = 0; !this.#held; slices += 1) {
      if (slices === this.#order.slices) return continueAsNew<typeof recovery>(this.#order, this.#drain);
      const places = await this.#oldest(Math.ceil(this.#drain.pace * SLICE_SECONDS));
      const users = places.length > 0 ? places.map(({ userId }) => userId) : this.#nextOfTail();
      if (users.length === 0) return this.#over('idle', 'everybody who was stalled has been tried');
      this.#show('draining');
      const tried = await this.#try(users, 'the provider is back');
      this.#drain = { ...counted(this.#drain, tried), after: places[tried.length - 1] ?? this.#drain.after };
      const failed = failures(tried);
      if (failed.length === 0) this.#drain = hasten(this.#drain, this.#order, Date.now());
      else if (await this.#hasGoneAgain(failed)) return this.#over('waiting', 'the provider has failed again');
    }
    return this.#over('idle', HELD);
  }

  /** The oldest stall that is not passed over; where all are, the one whose try is longest ago. */
  async #nextCanary(): Promise<string | undefined> {
    const [place] = await this.#oldest(1);
    const { left, after } = this.#drain;
    const passedOver = left === 0 ? [] : this.#drain.passedOver;
    const canary = place?.userId ?? passedOver[0]?.userId;
    this.#drain = { ...this.#drain, passedOver, canary: canary ?? null, after: place ?? after };
    return canary;
  }

  async #tryCanary(canary: string): Promise<Tried['verdict']> {
    const reason = `the first of ${this.#drain.left} stalled journeys: is the provider back?`;
    const [tried] = await this.#try([canary], reason);
    return tried?.verdict ?? 'skipped';
  }

  /** Those that failed in runs before come one by one, when all others are through. */
  #nextOfTail(): readonly string[] {
    const [next, ...tail] = this.#drain.tail;
    this.#drain = { ...this.#drain, tail };
    return next === undefined ? [] : [next];
  }

  async #oldest(most: number) {
    const { after, startedAt: before, passedOver } = this.#drain;
    const passOver = passedOver.map(({ userId }) => userId);
    const { taskQueue } = workflowInfo();
    const found = await this.#activities.oldestStalled({ taskQueue, after, before, most, passOver });
    this.#drain = { ...this.#drain, left: found.left };
    return found.places;
  }

  #try(users: readonly string[], why: string): Promise<readonly Tried[]> {
    const { id: run, pace: perSecond, triggered } = this.#drain;
    const reason = triggered === null ? why : `${why} (${triggered.by.name}: ${triggered.reason})`;
    return this.#activities.tryEach({ users, perSecond, run, reason });
  }

  /** Whether it is everybody's trouble; where it is not, those users are left for last. */
  async #hasGoneAgain(failed: readonly Tried[]): Promise<boolean> {
    const { canary, inARow } = this.#drain;
    const away = canary === null ? 'providerUnavailable' : await this.#silence(canary);
    this.#drain = { ...setAside(this.#drain, failed, away !== undefined), steadySince: Date.now() };
    const forAll = failed.some(({ verdict }) => verdict === 'rateLimited' || verdict === 'credentials');
    return away !== undefined || forAll || inARow >= TOO_MANY_IN_A_ROW;
  }

  /** Reads a user's record at the provider. Gives why there was no definite reply; nothing where there was one. */
  async #silence(userId: string): Promise<StallReason | undefined> {
    const answer = await askForRecord({ userId, policy: this.#order });
    return verdictOf(answer).reason ?? undefined;
  }

  #show(state: RecoveryRun['state']): void {
    upsertMemo({ [RECOVERY_MEMO]: this.#told(state, null) });
  }

  #over(state: RecoveryRun['state'], outcome: string): RecoveryResult {
    return { run: this.#told(state, outcome), passedOver: this.#drain.passedOver };
  }

  #told(state: RecoveryRun['state'], outcome: string | null): RecoveryRun {
    const { startedAt, canary, pace, done, notJudged, left, triggered } = this.#drain;
    return { state, startedAt, canary, pace: done === 0 ? null : pace, done, notJudged, left, outcome, triggered };
  }
}

const silences: { readonly [R in StallReason]: string } = {
  providerUnavailable: 'the provider is not back',
  rateLimited: 'the provider takes no more requests now',
  credentials: 'the provider refuses the key',
  providerRefused: 'the provider refused the canary',
  sendLimit: 'the canary is over a limit of sends',
};
