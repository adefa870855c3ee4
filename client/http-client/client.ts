import { commandNames } from '../../workflows/journey/commands.ts';
import { of, ofOperation, ofReconciliation, ofUser, ofUserNotes, ofWhatIf, segment } from './paths.ts';
import { requestJson, requestText, streamText } from './request.ts';
import type { RequestOptions, Endpoint } from './request.ts';
import type * as types from './types.ts';
import { watch } from './subscribe.ts';

type Call = types.CallOptions;
type Keyed = types.CommandOptions;

export interface ClientOptions {
  /** The base URL of the gateway. */
  readonly url: string;
  /** A bearer token. Its role determines which calls are permitted. A page of the gateway omits it: its session cookie counts. */
  readonly token?: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch;
}

// The class defines the methods in its static block.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging, typescript/no-empty-interface
export interface OnwardClient extends types.CommandMethods {}

/**
 * A client of the gateway's API, with a method for each operation, named as in the OpenAPI document. Requests are not retried:
 * give a command an `idempotencyKey`, and it is safe to retry it after a failure.
 *
 * Every call throws `Problem`: the gateway's error code, `unreachable` if no complete response arrived, or
 * `unexpected_response` if something other than Onward responded. An abort by `signal` is rethrown unchanged.
 */
export class OnwardClient {
  static {
    for (const name of commandNames) {
      Object.defineProperty(this.prototype, name, {
        value(
          this: OnwardClient,
          userId: string,
          request?: types.AnyCommandRequest,
          options?: Keyed,
        ): Promise<types.Status> {
          return this.send(name, userId, request, options);
        },
      });
    }
  }

  readonly #endpoint: Endpoint;

  constructor({ url, token, fetch = (...args) => globalThis.fetch(...args) }: ClientOptions) {
    this.#endpoint = { url: url.replace(/\/+$/, ''), token, fetch };
  }

  /** Starts a journey. An existing journey is returned unchanged. */
  async start(userId: string, request: types.StartRequest, options: Call = {}): Promise<types.Status> {
    return this.#request({ method: 'POST', path: of(userId), body: request, ...options }, ['userId', 'state']);
  }

  /** Starts a new journey after an expired one; after a cancelled one, only for operators. */
  restart(userId: string, request: types.ReasonRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#command(userId, 'restart', request, options, ['userId', 'state']);
  }

  /** Cancels a journey and starts another for the same person, under a new user id. Returns the status of the new one. */
  supersede(userId: string, request: types.SupersedeRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#command(userId, 'supersede', request, options, ['userId', 'state']);
  }

  async status(userId: string, options: Call = {}): Promise<types.Status> {
    return this.#request({ method: 'GET', path: of(userId), ...options }, ['userId', 'state']);
  }

  /**
   * Returns the status when its revision differs from `after`, or the current one when the wait is over.
   *
   * @param options.wait in seconds, at most 60. Default: 30
   */
  async waitFor(
    userId: string,
    { after, wait, ...options }: Call & { readonly after: number; readonly wait?: number | undefined },
  ): Promise<types.Status> {
    return this.#request({ method: 'GET', path: of(userId), query: { after, wait }, ...options }, ['userId', 'state']);
  }

  /**
   * Yields the current status and each later one, until the final state. A broken connection is resumed; only intermediate
   * statuses may be missed, never the last one.
   *
   * @throws Problem if the first connection fails, or a later one is refused or gets an `unexpected_response`; outages and 5xx are retried
   */
  async *watch(userId: string, options: Call = {}): AsyncGenerator<types.Status, void, undefined> {
    yield* watch(this.#endpoint, of(userId), options);
  }

  /**
   * Returns the events of a journey, described in plain language.
   *
   * @param options.include `status` adds the status after each entry
   */
  async timeline(
    userId: string,
    { include, ...options }: Call & { readonly include?: 'status' | undefined } = {},
  ): Promise<types.Timeline> {
    const query = include === undefined ? {} : { include };
    return this.#request({ method: 'GET', path: of(userId, '/timeline'), query, ...options }, ['items']);
  }

  /** Returns signed evidence of what was verified, when and how. `onward receipt verify` checks it offline. */
  async receipt(userId: string, options: Call = {}): Promise<types.Receipt> {
    return this.#request({ method: 'GET', path: of(userId, '/receipt'), ...options }, ['statement', 'entries']);
  }

  /** Returns the public keys that receipts are verified with. */
  async receiptKeys(options: Call = {}): Promise<types.Jwks> {
    return this.#request({ method: 'GET', path: '/.well-known/jwks.json', ...options }, ['keys']);
  }

  /**
   * Exports a journey as an anonymised test.
   *
   * @param options.at the revision of the last status to include
   * @param options.texts `keep` leaves the reasons of operators and the texts of the provider in
   */
  async export(
    userId: string,
    { at, texts, ...options }: Call & { readonly at?: number | undefined; readonly texts?: 'keep' | undefined } = {},
  ): Promise<types.JourneyExport> {
    const query = { at, texts };
    return this.#request({ method: 'GET', path: of(userId, '/export'), query, ...options }, ['start', 'entries']);
  }

  /** Returns the result that a command would have now, without applying it. */
  async preview(userId: string, query: types.PreviewRequest, options: Call = {}): Promise<types.CommandPreview> {
    return this.#request({ method: 'GET', path: of(userId, '/preview'), query, ...options }, ['outcome']);
  }

  /** Submits a verification code. `pending`: submit again under the same idempotency key. */
  submitCode(userId: string, request: types.CodeRequest, options: Keyed = {}): Promise<types.CodeAnswer> {
    return this.#command(userId, 'code', request, options, ['outcome']);
  }

  /** Sends the command of this name; each also has its own method. */
  send(
    name: types.CommandName,
    userId: string,
    request: types.AnyCommandRequest = {},
    options: Keyed = {},
  ): Promise<types.Status> {
    return this.#command(userId, name, request, options, ['userId', 'state']);
  }

  /** Permanently deletes all data of a user. */
  async erase(userId: string, request: types.ReasonRequest, options: Call = {}): Promise<types.Erased> {
    return this.#request({ method: 'DELETE', path: ofUser(userId), body: request, ...options }, ['userId', 'erased']);
  }

  /** Lists journeys, the newest start first. */
  async list(query: types.ListRequest = {}, options: Call = {}): Promise<types.JourneyPage> {
    return this.#request({ method: 'GET', path: '/v1/journeys', query, ...options }, ['items', 'next']);
  }

  /** Yields all journeys that match a filter as CSV, in pieces of text as they arrive. */
  async *listCsv(query: types.CountRequest = {}, options: Call = {}): AsyncGenerator<string, void, undefined> {
    yield* streamText(this.#endpoint, { method: 'GET', path: '/v1/journeys.csv', query, ...options }, 'text/csv');
  }

  /** Counts the journeys that match a filter. */
  async count(query: types.CountRequest = {}, options: Call = {}): Promise<{ readonly count: number }> {
    return this.#request({ method: 'GET', path: '/v1/journeys/count', query, ...options }, ['count']);
  }

  /** Returns the overview: counts, ages, provider health, workers, recovery and operations. */
  async dashboard(options: Call = {}): Promise<types.Dashboard> {
    return this.#request({ method: 'GET', path: '/v1/dashboard', ...options }, ['asOf']);
  }

  /** Returns figures over time: sign-ups, verifications, ends, time to verified and the provider's replies. */
  async statistics(query: types.StatisticsRequest = {}, options: Call = {}): Promise<types.Statistics> {
    return this.#request({ method: 'GET', path: '/v1/statistics', query, ...options }, ['points', 'accounts']);
  }

  /** Counts journeys by state, step and reason. */
  async summary(options: Call = {}): Promise<types.Summary> {
    return this.#request({ method: 'GET', path: '/v1/journeys/summary', ...options }, ['total', 'states']);
  }

  /** Sends one command to all journeys that match a filter; `dryRun` only previews the result. */
  async startOperation(request: types.OperationRequest, options: Keyed = {}): Promise<types.Created> {
    return this.#request({ method: 'POST', path: '/v1/operations', body: request, ...options }, ['id']);
  }

  /** Lists bulk operations, the newest first. */
  async operations(query: types.PageRequest = {}, options: Call = {}): Promise<types.OperationPage> {
    return this.#request({ method: 'GET', path: '/v1/operations', query, ...options }, ['items', 'unreadable', 'next']);
  }

  /** Returns the progress of a bulk operation and a page of its results by user. */
  async operation(id: string, query: types.PageRequest = {}, options: Call = {}): Promise<types.OperationReport> {
    return this.#request({ method: 'GET', path: ofOperation(id), query, ...options }, ['id', 'items']);
  }

  /** Approves a bulk operation that another operator requested, by the `digest` of the request that was read. */
  async approveOperation(id: string, request: types.DecisionRequest, options: Call = {}): Promise<types.Operation> {
    const path = ofOperation(id, '/approve');
    return this.#request({ method: 'POST', path, body: request, ...options }, ['id', 'state']);
  }

  /** Rejects a bulk operation that another operator requested. */
  async rejectOperation(id: string, request: types.DecisionRequest, options: Call = {}): Promise<types.Operation> {
    const path = ofOperation(id, '/reject');
    return this.#request({ method: 'POST', path, body: request, ...options }, ['id', 'state']);
  }

  /** Stops a bulk operation after its commands in flight, or withdraws one that waits for an approval. */
  async stopOperation(id: string, request: types.ReasonRequest, options: Call = {}): Promise<types.Operation> {
    const path = ofOperation(id, '/stop');
    return this.#request({ method: 'POST', path, body: request, ...options }, ['id', 'state']);
  }

  /** Compares the provider's list of users with the journeys; `dryRun` only reports what would be done. */
  async startReconciliation(request: types.ReconciliationRequest, options: Keyed = {}): Promise<types.Created> {
    return this.#request({ method: 'POST', path: '/v1/reconciliations', body: request, ...options }, ['id']);
  }

  /** Lists reconciliations, the newest first. */
  async reconciliations(query: types.PageRequest = {}, options: Call = {}): Promise<types.ReconciliationPage> {
    return this.#request({ method: 'GET', path: '/v1/reconciliations', query, ...options }, ['items', 'next']);
  }

  /** Returns the progress of a reconciliation and a page of its results by user. */
  async reconciliation(
    id: string,
    query: types.PageRequest = {},
    options: Call = {},
  ): Promise<types.ReconciliationReport> {
    return this.#request({ method: 'GET', path: ofReconciliation(id), query, ...options }, ['id', 'items']);
  }

  /** Stops a reconciliation after its commands in flight. */
  async stopReconciliation(
    id: string,
    request: types.ReasonRequest,
    options: Call = {},
  ): Promise<types.Reconciliation> {
    const path = ofReconciliation(id, '/stop');
    return this.#request({ method: 'POST', path, body: request, ...options }, ['id', 'state']);
  }

  /** Compares real journeys with what they would have been under another policy. Changes none. */
  async startWhatIf(request: types.WhatIfRequest, options: Call = {}): Promise<types.Created> {
    return this.#request({ method: 'POST', path: '/v1/what-ifs', body: request, ...options }, ['id']);
  }

  /** Lists what-ifs, the newest first. */
  async whatIfs(query: types.PageRequest = {}, options: Call = {}): Promise<types.WhatIfPage> {
    return this.#request({ method: 'GET', path: '/v1/what-ifs', query, ...options }, ['items', 'next']);
  }

  /** Returns the result of a what-if, and a page of the journeys that differ. */
  async whatIf(id: string, query: types.PageRequest = {}, options: Call = {}): Promise<types.WhatIfReport> {
    return this.#request({ method: 'GET', path: ofWhatIf(id), query, ...options }, ['id', 'items']);
  }

  /** Stops a what-if, of any caller. */
  async stopWhatIf(id: string, options: Call = {}): Promise<types.WhatIf> {
    return this.#request({ method: 'POST', path: ofWhatIf(id, '/stop'), ...options }, ['id', 'state']);
  }

  /** Returns the state of automatic recovery, its last run and its next one. */
  async recovery(options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#request({ method: 'GET', path: '/v1/recovery', ...options }, ['state', 'settings']);
  }

  /** Pauses automatic recovery and stops the current run. */
  pauseRecovery(request: types.ReasonRequest, options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#recovery('pause', request, options);
  }

  /** Resumes automatic recovery. */
  resumeRecovery(request: types.ReasonRequest, options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#recovery('resume', request, options);
  }

  /** Starts a recovery run now, unless one is in progress. */
  triggerRecovery(request: types.ReasonRequest, options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#recovery('trigger', request, options);
  }

  /** Lists status changes that were not delivered. */
  async webhooks(query: types.PageRequest = {}, options: Call = {}): Promise<types.Webhooks> {
    return this.#request({ method: 'GET', path: '/v1/webhooks', query, ...options }, ['items', 'next']);
  }

  /** Delivers a status change again, immediately. */
  async resendWebhook(id: string, options: Keyed = {}): Promise<types.Created> {
    return this.#request({ method: 'POST', path: `/v1/webhooks/${segment(id)}/resend`, ...options }, ['id']);
  }

  /** Starts a bulk operation that resends the undelivered status changes that match a filter. */
  async resendWebhooks(request: types.WebhooksResendRequest, options: Keyed = {}): Promise<types.Created> {
    return this.#request({ method: 'POST', path: '/v1/webhooks/resend', body: request, ...options }, ['id']);
  }

  /** Lists what operators did at every gateway, the newest first. Until `next` is `null`, a page may have no items. */
  async acts(query: types.ActsRequest = {}, options: Call = {}): Promise<types.ActPage> {
    return this.#request({ method: 'GET', path: '/v1/acts', query, ...options }, ['items', 'next']);
  }

  /** Yields all acts that match a filter as CSV, in pieces of text as they arrive. */
  async *actsCsv(query: types.ActsFilter = {}, options: Call = {}): AsyncGenerator<string, void, undefined> {
    yield* streamText(this.#endpoint, { method: 'GET', path: '/v1/acts.csv', query, ...options }, 'text/csv');
  }

  /** Lists the notes on a user, the newest first. */
  async notes(userId: string, query: types.PageRequest = {}, options: Call = {}): Promise<types.NotePage> {
    return this.#request({ method: 'GET', path: ofUserNotes(userId), query, ...options }, ['items', 'next']);
  }

  /** Adds a note on a user. */
  async addNote(userId: string, request: types.NoteRequest, options: Call = {}): Promise<types.Note> {
    return this.#request({ method: 'POST', path: ofUserNotes(userId), body: request, ...options }, ['id']);
  }

  /** Removes a note on a user permanently. */
  async removeNote(userId: string, id: string, options: Call = {}): Promise<types.Note> {
    return this.#request({ method: 'DELETE', path: ofUserNotes(userId, id), ...options }, ['id']);
  }

  /** Lists the notes of the shift, the newest first. */
  async shiftNotes(query: types.PageRequest = {}, options: Call = {}): Promise<types.NotePage> {
    return this.#request({ method: 'GET', path: '/v1/notes', query, ...options }, ['items', 'next']);
  }

  /** Adds a note for the shift, which is stored for seven days. */
  async addShiftNote(request: types.NoteRequest, options: Call = {}): Promise<types.Note> {
    return this.#request({ method: 'POST', path: '/v1/notes', body: request, ...options }, ['id']);
  }

  /** Removes a note of the shift permanently. */
  async removeShiftNote(id: string, options: Call = {}): Promise<types.Note> {
    return this.#request({ method: 'DELETE', path: `/v1/notes/${segment(id)}`, ...options }, ['id']);
  }

  /** Returns the gateway's metrics, in the text format of Prometheus. */
  metrics(options: Call = {}): Promise<string> {
    return requestText(this.#endpoint, { method: 'GET', path: '/metrics', ...options });
  }

  async #recovery(act: string, body: types.ReasonRequest, options: Call): Promise<types.RecoveryStatus> {
    return this.#request({ method: 'POST', path: `/v1/recovery/${act}`, body, ...options }, ['state', 'settings']);
  }

  async #command<T>(
    userId: string,
    name: string,
    body: object,
    options: Keyed,
    members: readonly (keyof NoInfer<T>)[],
  ): Promise<T> {
    return this.#request<T>({ method: 'POST', path: of(userId, `/${name}`), body, ...options }, members);
  }

  async #request<T>(request: RequestOptions, members: readonly (keyof NoInfer<T>)[]): Promise<T> {
    return requestJson<T>(this.#endpoint, request, members);
  }
}
