import { setTimeout as pause } from 'node:timers/promises';
import type { Channel, ProviderAttempt } from '../../activities/contract.ts';
import type { Provider } from '../../activities/sfox/provider-activities.ts';
import { ProviderError } from '../../activities/provider-error.ts';
import { forEachChannel } from '../../workflows/journey/channels.ts';
import {
  addCodes,
  budgetOpensAt,
  countCodes,
  mayHaveSent,
  noCodes,
} from '../../workflows/provider-health/code-counts.ts';
import type { CodeCounts, CodeTotals, SendBudget } from '../../workflows/provider-health/code-counts.ts';

/** Limits the sends of a provider to the budget. */
export function limitSends({ sends, checks, ...provider }: Provider, budget: WorkerSendBudget): Provider {
  return {
    sends: { sendCode: (request) => budget.send(request.channel, () => sends.sendCode(request)) },
    checks,
    directory: provider.directory,
    close: () => provider.close(),
  };
}

/** How old the totals may be when a code is sent: as old as the reports of the other workers. */
const MAX_AGE_MS = 5_000;
/** A send does not wait longer for newer totals. */
const READ_TIMEOUT_MS = 1_000;

/**
 * Holds the sends of all workers together to a budget. A worker knows the totals that all of them have reported, and its own sends
 * since; it does not know what the others have sent since their last report.
 */
export class WorkerSendBudget {
  readonly #budget: SendBudget;
  readonly #readTotals: () => Promise<CodeTotals | undefined>;
  #totals: CodeTotals | undefined;
  #readAt = 0;
  #reading: Promise<void> | undefined;
  #unreported: CodeCounts = noCodes;
  #inFlight: CodeCounts = noCodes;

  /** @param readTotals reads the totals of all workers; `undefined` if nothing was reported, or cannot be read */
  constructor(budget: SendBudget, readTotals: () => Promise<CodeTotals | undefined>) {
    this.#budget = budget;
    this.#readTotals = readTotals;
  }

  /**
   * Makes a send if the budget leaves room for it.
   *
   * @throws ApplicationFailure `SendBudgetSpent`; its detail is the wait in milliseconds
   */
  async send<Result>(channel: Channel, send: () => Promise<Result>): Promise<Result> {
    if (Date.now() - this.#readAt > MAX_AGE_MS) await this.#refresh();
    const now = Date.now();
    const unseen = addCodes(this.#unreported, this.#inFlight);
    const opensAt = budgetOpensAt(this.#budget, countCodes(this.#totals, unseen, now), channel);
    if (opensAt !== undefined) {
      const detail = `the send budget for ${channel} codes is used up`;
      throw new ProviderError('SendBudgetSpent', detail, opensAt - now).toFailure({ isRetryable: false });
    }
    const one = { ...noCodes, [channel]: 1 };
    this.#inFlight = addCodes(this.#inFlight, one);
    try {
      return await send();
    } finally {
      this.#inFlight = subtract(this.#inFlight, one);
    }
  }

  /** Counts a request to the provider. */
  readonly count = ({ call, channel, reply }: ProviderAttempt): void => {
    if (call !== 'send' || channel === 'none' || !mayHaveSent[reply]) return;
    this.#unreported = addCodes(this.#unreported, { ...noCodes, [channel]: 1 });
  };

  /** Records that codes were reported, so that the next totals contain them. */
  reported(codes: CodeCounts): void {
    this.#unreported = subtract(this.#unreported, codes);
    this.#totals = countCodes(this.#totals, codes, Date.now());
  }

  /** Reads the totals once for all sends that wait for them. If they cannot be read in time, the last ones count. */
  async #refresh(): Promise<void> {
    this.#reading ??= this.#readTotals()
      .then((totals) => {
        if (totals !== undefined) this.#totals = totals;
      })
      .catch(() => {})
      .finally(() => {
        this.#readAt = Date.now();
        this.#reading = undefined;
      });
    await Promise.race([this.#reading, pause(READ_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

function subtract(a: CodeCounts, b: CodeCounts): CodeCounts {
  return forEachChannel((channel) => Math.max(0, a[channel] - b[channel]));
}
