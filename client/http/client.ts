import { wrongInUserId } from '../user-id.ts';
import { knock } from './knock.ts';
import type { Knock, Where } from './knock.ts';
import { Problem } from './problem.ts';
import type * as types from './types.ts';
import { watch } from './watch.ts';

type Call = types.CallOptions;
type Keyed = types.CommandOptions;

export interface ClientOptions {
  /** Where the gateway is. */
  readonly url: string;
  /** A bearer token; its role decides what may be called. */
  readonly token: string;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** Checked here: whoever reads `.` or `..` in an address asks at another one. */
function ofUser(userId: string): string {
  const detail = wrongInUserId(userId);
  if (detail !== undefined) throw new Problem(400, { code: 'bad_request', field: 'userId', detail }, null);
  return `/v1/users/${encodeURIComponent(userId)}`;
}

const of = (userId: string, rest = '') => `${ofUser(userId)}/onboarding${rest}`;

const ofOperation = (id: string, rest = '') => `/v1/operations/${encodeURIComponent(id)}${rest}`;

/**
 * The gateway's doors, each under the name that the OpenAPI document gives it. Nothing is repeated by itself: give a
 * command an `idempotencyKey`, and asking again after a failure is safe. Every call throws `Problem`.
 */
export class OnwardClient {
  readonly #where: Where;

  constructor({ url, token, fetch = globalThis.fetch }: ClientOptions) {
    this.#where = { url: url.replace(/\/+$/, ''), token, fetch };
  }

  /** Starts a journey; one that exists is found and never touched. */
  async start(userId: string, request: types.StartRequest, options: Call = {}): Promise<types.Status> {
    return this.#ask({ method: 'POST', path: of(userId), body: request, ...options });
  }

  /** Begins anew after an expired journey; after a cancelled one for operators. */
  restart(userId: string, request: types.ReasonRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'restart', request, options);
  }

  async status(userId: string, options: Call = {}): Promise<types.Status> {
    return this.#ask({ method: 'GET', path: of(userId), ...options });
  }

  /**
   * The status once its revision is another than `after`, or as it is when the wait is over.
   *
   * @param options.wait in seconds, 60 at most; without it 30
   */
  async waitFor(
    userId: string,
    { after, wait, ...options }: Call & { readonly after: number; readonly wait?: number | undefined },
  ): Promise<types.Status> {
    return this.#ask({ method: 'GET', path: of(userId), query: { after, wait }, ...options });
  }

  /**
   * The status now and after each change, until its final state. A broken connection is taken up again where it was;
   * only what stood between two changes may be missed, never the last one.
   */
  async *watch(userId: string, options: Call = {}): AsyncGenerator<types.Status, void, undefined> {
    yield* watch(this.#where, of(userId), options);
  }

  /**
   * What happened, in plain words.
   *
   * @param options.stood tells as well how the journey stood after each line
   */
  async timeline(
    userId: string,
    { stood = false, ...options }: Call & { stood?: boolean } = {},
  ): Promise<types.Timeline> {
    const query = stood ? { stood: 'true' } : {};
    return this.#ask({ method: 'GET', path: of(userId, '/timeline'), query, ...options });
  }

  /** What would come of a command now; the journey is told nothing. */
  async forecast(userId: string, query: types.ForecastRequest, options: Call = {}): Promise<types.Forecast> {
    return this.#ask({ method: 'GET', path: of(userId, '/forecast'), query, ...options });
  }

  /** Has a code judged. `pending`: ask again under the same key. */
  submitCode(userId: string, request: types.CodeRequest, options: Keyed = {}): Promise<types.CodeAnswer> {
    return this.#tell(userId, 'code', request, options);
  }

  /** Asks for another code, on the channel that is due where none is named. */
  resend(userId: string, request: types.ResendRequest = {}, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'resend', request, options);
  }

  /** Asks the provider for its record, and moves on accordingly. */
  recheck(userId: string, request: types.RecheckRequest = {}, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'recheck', request, options);
  }

  /** Sends what is due, or opens a locked channel. */
  retry(userId: string, request: types.ReasonRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'retry', request, options);
  }

  /** Holds the journey. */
  pause(userId: string, request: types.ReasonRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'pause', request, options);
  }

  /** Lets a paused journey go on. */
  resume(userId: string, request: types.ReasonRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'resume', request, options);
  }

  /** Ends the journey. */
  cancel(userId: string, request: types.ReasonRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'cancel', request, options);
  }

  /** Declares a channel verified. */
  override(userId: string, request: types.OverrideRequest, options: Keyed = {}): Promise<types.Status> {
    return this.#tell(userId, 'override', request, options);
  }

  /** Erases all that is known of a user, for good. */
  async erase(userId: string, request: types.ReasonRequest, options: Call = {}): Promise<types.Erased> {
    return this.#ask({ method: 'DELETE', path: ofUser(userId), body: request, ...options });
  }

  /** A page of journeys, the newest start first. */
  list(query: types.ListRequest = {}, options: Call = {}): Promise<types.Listing> {
    return this.#ask({ method: 'GET', path: '/v1/journeys', query, ...options });
  }

  /** How many journeys a filter means. */
  count(query: types.CountRequest = {}, options: Call = {}): Promise<{ readonly count: number }> {
    return this.#ask({ method: 'GET', path: '/v1/journeys/count', query, ...options });
  }

  /** Everything at one glance. */
  now(options: Call = {}): Promise<types.Now> {
    return this.#ask({ method: 'GET', path: '/v1/now', ...options });
  }

  /** Counts journeys by state, step and reason. */
  summary(options: Call = {}): Promise<types.Summary> {
    return this.#ask({ method: 'GET', path: '/v1/journeys/summary', ...options });
  }

  /** Has all journeys of a filter told one command; `dryRun` asks what would come of it. */
  order(request: types.OperationRequest, options: Keyed = {}): Promise<{ readonly id: string }> {
    return this.#ask({ method: 'POST', path: '/v1/operations', body: request, ...options });
  }

  /** A page of bulk operations, the newest first. */
  operations(query: types.PageRequest = {}, options: Call = {}): Promise<types.OperationPage> {
    return this.#ask({ method: 'GET', path: '/v1/operations', query, ...options });
  }

  /** How far an operation has come, with a page of what came of it by user. */
  operation(id: string, query: types.PageRequest = {}, options: Call = {}): Promise<types.OperationReport> {
    return this.#ask({ method: 'GET', path: ofOperation(id), query, ...options });
  }

  /** Stops an operation after what is in flight. */
  stopOperation(id: string, request: types.ReasonRequest, options: Call = {}): Promise<types.Operation> {
    return this.#ask({ method: 'POST', path: ofOperation(id, '/stop'), body: request, ...options });
  }

  /** What the automatic retry does now, has come to, and does next. */
  recovery(options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#ask({ method: 'GET', path: '/v1/recovery', ...options });
  }

  /** Starts no more runs of it, and has the one that is on stop. */
  pauseRecovery(request: types.ReasonRequest, options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#ask({ method: 'POST', path: '/v1/recovery/pause', body: request, ...options });
  }

  /** Starts runs again when they are due. */
  resumeRecovery(request: types.ReasonRequest, options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#ask({ method: 'POST', path: '/v1/recovery/resume', body: request, ...options });
  }

  /** Starts a run now, unless one is on. */
  triggerRecovery(request: types.ReasonRequest, options: Call = {}): Promise<types.RecoveryStatus> {
    return this.#ask({ method: 'POST', path: '/v1/recovery/trigger', body: request, ...options });
  }

  /** A page of the changes of status that were not delivered. */
  webhooks(query: types.PageRequest = {}, options: Call = {}): Promise<types.Webhooks> {
    return this.#ask({ method: 'GET', path: '/v1/webhooks', query, ...options });
  }

  /** Sends a change of status out again, at once. */
  resendWebhook(id: string, options: Keyed = {}): Promise<{ readonly id: string }> {
    return this.#ask({ method: 'POST', path: `/v1/webhooks/${encodeURIComponent(id)}/resend`, ...options });
  }

  async #tell<T>(userId: string, name: string, body: object, options: Keyed): Promise<T> {
    return this.#ask<T>({ method: 'POST', path: of(userId, `/${name}`), body, ...options });
  }

  async #ask<T>(request: Knock): Promise<T> {
    return (await (await knock(this.#where, request)).json()) as T;
  }
}
