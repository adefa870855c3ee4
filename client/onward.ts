import type { Client } from '@temporalio/client';
import type { Channel } from '../activities/contract.ts';
import { TASK_QUEUE } from '../workflows/contract.ts';
import type { SendBudget } from '../workflows/provider-health/code-counts.ts';
import { channels } from '../workflows/journey/channels.ts';
import { commandFacts, commandNames } from '../workflows/journey/commands.ts';
import type { CommandArguments, CommandName } from '../workflows/journey/commands.ts';
import type { TimelineItem } from '../workflows/journey/status/timeline.ts';
import type { Status } from '../workflows/journey/status/status.ts';
import { JourneyCommands } from './journeys/commands.ts';
import type { CodeOutcome, CommandRequest } from './journeys/commands.ts';
import type { Caller } from './journeys/idempotent-update.ts';
import { JourneySearch } from './search/journey-search.ts';
import type { JourneyListItem, Page } from './search/journey-search.ts';
import type { JourneyQuery } from './search/visibility-query.ts';
import { BadRequest, checkReason } from './errors.ts';
import { UserEraser } from './journeys/lifecycle/erase.ts';
import { JourneySuperseder } from './journeys/lifecycle/supersede.ts';
import type { SupersedeRequest } from './journeys/lifecycle/supersede.ts';
import { cachedFor } from './monitoring/cached.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { Acts } from './operators/acts.ts';
import { Notes } from './operators/notes.ts';
import { BulkOperations } from './bulk-operations/bulk-operations.ts';
import type { StatusHistoryItem } from './journey-log/status-history.ts';
import { defaultSendBudget } from './config/policy-file.ts';
import type { Approvals } from './config/settings.ts';
import { checkSendBudget } from './monitoring/send-budget.ts';
import { readProviderHealth } from './monitoring/provider-health.ts';
import type { ProviderHealth } from './monitoring/provider-health.ts';
import { translatingErrors, StatusReader } from './journeys/status-reader.ts';
import { exportJourney } from './exports/export-journey.ts';
import type { ExportOptions } from './exports/export-journey.ts';
import type { JourneyExport } from './exports/schema.ts';
import { issueReceipt } from './receipts/issue.ts';
import type { ReceiptKey } from './receipts/keys.ts';
import type { Receipt } from './receipts/schema.ts';
import { Reconciliations } from './reconciliation/reconciliations.ts';
import type { ReconciliationOptions } from './reconciliation/reconciliations.ts';
import { Recovery } from './recovery/recovery.ts';
import { EndedSessions } from './sessions/ended-sessions.ts';
import { JourneyStarter } from './journeys/start.ts';
import type { StartOptions, StartRequest } from './journeys/start.ts';
import { createSummaryReader } from './monitoring/summary.ts';
import type { Summary } from './monitoring/summary.ts';
import { checkUserId, explainInvalidUserId } from './validation.ts';
import { StatisticsReader } from './statistics/statistics.ts';
import { StatusSubscriptions } from './journeys/subscribe.ts';
import { Webhooks } from './webhooks/webhooks.ts';
import { WhatIfs } from './what-ifs/what-ifs.ts';
import { previewCommand } from './journeys/preview-command.ts';
import type { CommandOutcome } from './journeys/preview-command.ts';

export type { CodeOutcome } from './journeys/commands.ts';

export interface OnwardOptions extends StartOptions {
  /** A client created by `connect`, which sets the data converter that journeys use. */
  readonly client: Client;
  /** How long to wait for the reply to a command, in milliseconds. Default: 9 seconds. */
  readonly commandTimeout?: number;
  /** How long to wait for the outcome of a code before it is `pending`, in milliseconds. Default: 15 seconds. */
  readonly codeTimeout?: number;
  /** The settings of reconciliations. */
  readonly reconcile?: ReconciliationOptions['reconcile'];
  /** The most codes of all journeys together; resends above it are refused. */
  readonly sendBudget?: SendBudget;
  /** Which bulk operations need the approval of a second operator. Default: none. */
  readonly approvals?: Approvals | null;
}

interface WithReason {
  readonly reason: string;
}

const PROVIDER_HEALTH_CACHE_MS = 2_000;

/** A method for each command of the catalogue. Each throws the same errors as `Onward.send`. */
type CommandMethods = {
  readonly [C in CommandName]: (userId: string, request: CommandArguments<C>, caller: Caller) => Promise<Status>;
};

// The class defines the methods in its static block.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging, typescript/no-empty-interface
export interface Onward extends CommandMethods {}

/**
 * Starts journeys, reads them and sends commands to them. Every method may throw `Unavailable`, and `BadRequest` if the
 * user id is invalid. Methods for one user, except `start`, throw `NotFound` if the user has no journey. Commands throw
 * `InvalidState`, `IdempotencyKeyReused` and `TooManyCommands`. Each method lists its other errors.
 */
export class Onward {
  static {
    for (const name of commandNames) {
      Object.defineProperty(this.prototype, name, {
        value(this: Onward, userId: string, request: CommandRequest, caller: Caller): Promise<Status> {
          return this.send(name, userId, request, caller);
        },
      });
    }
  }

  readonly #client: Client;
  readonly #commands: JourneyCommands;
  readonly #journeyStarter: JourneyStarter;
  readonly #superseder: JourneySuperseder;
  readonly #statusReader: StatusReader;
  readonly #journeySearch: JourneySearch;
  readonly #userEraser: UserEraser;
  readonly #summary: () => Promise<Summary>;
  readonly #health: () => Promise<ProviderHealth | null>;
  readonly #sendBudget: SendBudget;
  /** Webhook deliveries of status changes. */
  readonly webhooks: Webhooks;
  /** The operators' acts. */
  readonly acts: Acts;
  /** The operators' notes. */
  readonly notes: Notes;
  /** Bulk operations. */
  readonly operations: BulkOperations;
  /** Comparisons of the provider's list of users with the journeys. */
  readonly reconciliations: Reconciliations;
  /** Comparisons of journeys with what they would have been under another policy. */
  readonly whatIfs: WhatIfs;
  /** Automatic recovery of stalled journeys. */
  readonly recovery: Recovery;
  /** Browser sessions that were ended by a logout. */
  readonly endedSessions: EndedSessions;
  /** Subscriptions to status changes. */
  readonly subscriptions: StatusSubscriptions;
  /** Figures over time. */
  readonly statistics: StatisticsReader;
  /** Snapshots of the whole system, refreshed while it has listeners. */
  readonly dashboard: Dashboard;

  constructor({
    client,
    commandTimeout,
    codeTimeout,
    sendBudget = defaultSendBudget,
    reconcile,
    approvals = null,
    ...start
  }: OnwardOptions) {
    this.#sendBudget = sendBudget;
    this.#client = client;
    this.#statusReader = new StatusReader(client);
    this.#commands = new JourneyCommands(client, this.#statusReader, {
      ...(commandTimeout !== undefined && { commandTimeout }),
      ...(codeTimeout !== undefined && { codeTimeout }),
    });
    this.#journeyStarter = new JourneyStarter(client, this.#statusReader, start);
    this.#superseder = new JourneySuperseder(client, this.#statusReader);
    this.#journeySearch = new JourneySearch(client);
    this.#userEraser = new UserEraser(client);
    this.#health = cachedFor(PROVIDER_HEALTH_CACHE_MS, () => readProviderHealth(client, start.taskQueue ?? TASK_QUEUE));
    this.#summary = createSummaryReader({ client, ...start, sendBudget, providerHealth: this.#health });
    this.webhooks = new Webhooks(client);
    this.acts = new Acts(client);
    this.notes = new Notes(client, (userId) => this.status(userId));
    this.operations = new BulkOperations({ client, ...start, approvals });
    this.reconciliations = new Reconciliations({ client, ...start, ...(reconcile && { reconcile }) });
    this.whatIfs = new WhatIfs({ client, ...start });
    this.recovery = new Recovery({ client });
    this.endedSessions = new EndedSessions(client);
    this.subscriptions = new StatusSubscriptions(client, this.#statusReader);
    this.statistics = new StatisticsReader({ client, ...start });
    this.dashboard = new Dashboard({
      client,
      ...start,
      summary: this.#summary,
      providerHealth: this.#health,
      recovery: this.recovery,
      operations: this.operations,
      reconciliations: this.reconciliations,
    });
  }

  /**
   * Starts a user's journey. An existing journey is left unchanged.
   *
   * @returns `started: true` if this call started the journey
   * @throws AccountTypeDiffers if the existing journey has another account type
   */
  async start(userId: string, request: StartRequest): Promise<{ readonly started: boolean }> {
    checkUserId(userId);
    return this.#journeyStarter.start(userId, request);
  }

  /**
   * Starts a new journey for a user whose previous one expired. Only operators may restart a cancelled journey.
   * The new journey carries over the counters of the last day and the timeline.
   *
   * @throws InvalidState if the journey is open or done
   */
  async restart(userId: string, request: WithReason, caller: Caller): Promise<{ readonly started: true }> {
    checkUserId(userId);
    checkReason(request.reason);
    return this.#journeyStarter.restart(userId, request, caller);
  }

  /**
   * Cancels a journey and starts another for the same person, under a new user id, since sFOX cannot change an address or a number. The
   * account type and the counters of the last day are carried over. Repeating the call is safe.
   *
   * @returns the status of the new journey
   * @throws JourneyExists if the new user id has a journey already
   * @throws InvalidState if the journey has ended, unless the same call has ended it before
   * @throws NotPermitted if a caller who is not an operator names a channel
   */
  async supersede(userId: string, request: SupersedeRequest, caller: Caller): Promise<Status> {
    checkUserId(userId);
    const wrong = explainInvalidUserId(request.newUserId);
    if (wrong !== undefined) throw new BadRequest('newUserId', wrong);
    checkReason(request.reason);
    await this.#superseder.supersede(userId, request, caller);
    return this.status(request.newUserId);
  }

  /**
   * Erases everything that Temporal stores about a user and verifies that it is gone; see `UserEraser`. An open journey
   * is ended first and sends nothing more.
   *
   * @throws NotFound if nothing is stored
   * @throws Unavailable if the erasure cannot be verified in time; retrying is safe
   */
  async erase(userId: string): Promise<void> {
    checkUserId(userId);
    await translatingErrors(() => this.#userEraser.erase(userId));
  }

  /** Returns a user's onboarding status, also if no worker runs or the journey is closed; see `StatusReader.status`. */
  async status(userId: string): Promise<Status> {
    checkUserId(userId);
    return this.#statusReader.status(userId);
  }

  /** Returns the events of a user's journey, described in plain language. */
  async timeline(userId: string): Promise<readonly TimelineItem[]> {
    checkUserId(userId);
    return this.#statusReader.timeline(userId);
  }

  /** Returns the events of a user's journey, each with the status after it. */
  async statusHistory(userId: string): Promise<readonly StatusHistoryItem[]> {
    checkUserId(userId);
    return this.#statusReader.statusHistory(userId);
  }

  /**
   * Issues a receipt: signed evidence of what was verified so far, which is checked offline.
   *
   * @throws LogIncomplete if the log does not say everything that has happened
   */
  async receipt(userId: string, key: ReceiptKey): Promise<Receipt> {
    checkUserId(userId);
    return issueReceipt(await this.#statusReader.record(userId), { key, issuedAt: Date.now() });
  }

  /**
   * Exports a journey up to a revision as an anonymised file, which `test/exported/` runs as a test.
   *
   * @throws BadRequest if the journey has no such revision
   * @throws LogIncomplete if the log does not say everything that has happened
   */
  async export(userId: string, options: ExportOptions = {}): Promise<JourneyExport> {
    checkUserId(userId);
    return exportJourney(await this.#statusReader.record(userId), options);
  }

  /** Returns the expected result of a command. Does not change the journey. */
  async preview(userId: string, command: CommandName): Promise<CommandOutcome> {
    checkUserId(userId);
    await this.#statusReader.describe(userId);
    return translatingErrors(() => previewCommand(this.#client, userId, { command }));
  }

  /**
   * Submits a verification code.
   *
   * @param request.code 4 to 10 digits
   * @throws ProviderUnavailable if the provider did not check the code
   */
  submitCode(userId: string, request: { channel: Channel; code: string }, caller: Caller): Promise<CodeOutcome> {
    return this.#commands.submitCode(userId, request, caller);
  }

  /**
   * Sends the command of this name; each also has its own method.
   *
   * @returns the status after the command
   * @throws BadRequest if the channel is unknown, or a required reason is missing
   * @throws CoolingDown if a limit delays the command
   * @throws RevisionDiffers if the journey has another revision than `ifRevision`
   * @throws SendBudgetSpent for a command that requests a code
   */
  async send(name: CommandName, userId: string, request: CommandRequest, caller: Caller): Promise<Status> {
    checkUserId(userId);
    if (commandFacts(name).asksForCode === true) await this.#checkSendBudget(userId, request.channel);
    return this.#commands.send(name, userId, request, caller);
  }

  async #checkSendBudget(userId: string, channel: Channel | undefined): Promise<void> {
    await checkSendBudget(this.#sendBudget, await this.#health(), async () => {
      if (channel !== undefined) return channel;
      const status = await this.status(userId);
      return channels.find((each) => ['waiting', 'pending'].includes(status[each]?.status ?? '')) ?? 'email';
    });
  }

  /**
   * Lists journeys, the newest start first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   * @throws BadRequest if the filter, the limit or the cursor is invalid
   */
  list(filter?: JourneyQuery, limit?: number, cursor?: string): Promise<Page> {
    return translatingErrors(() => this.#journeySearch.list(filter, limit, cursor));
  }

  /** Lists all journeys that match a filter, the newest start first, in pages. */
  async *listAll(filter: JourneyQuery): AsyncGenerator<readonly JourneyListItem[], void, undefined> {
    const pages = this.#journeySearch.listAll(filter);
    for (;;) {
      const { value, done } = await translatingErrors(() => pages.next());
      if (done === true) return;
      yield value;
    }
  }

  /** Counts the journeys that match a filter. */
  count(filter: JourneyQuery): Promise<number> {
    return translatingErrors(() => this.#journeySearch.count(filter));
  }

  /** Counts journeys by state, step and reason, and reports what blocks them. The result is cached for up to two seconds. */
  summary(): Promise<Summary> {
    return this.#summary();
  }

  /**
   * Returns the provider's replies of the last 15 minutes, cached for up to two seconds; see `readProviderHealth`.
   * `null` if none has been reported for a month, or if no worker answers.
   */
  providerHealth(): Promise<ProviderHealth | null> {
    return this.#health();
  }
}
