import type { Client } from '@temporalio/client';
import type { Channel } from '../activities/contract.ts';
import { channels } from '../workflows/context.ts';
import { commandUpdates, submitCodeUpdate, TASK_QUEUE } from '../workflows/contract.ts';
import type { CommandName } from '../workflows/contract.ts';
import type { Filter } from '../workflows/listing.ts';
import type { TimelineItem } from '../workflows/log.ts';
import type { Status } from '../workflows/status.ts';
import { ask, CLOSED } from './ask.ts';
import type { Caller } from './ask.ts';
import { Directory } from './directory.ts';
import type { Page } from './directory.ts';
import { BadRequest, checkReason, NotNow, Unavailable } from './errors.ts';
import { Erasing } from './erasing.ts';
import { kept } from './kept.ts';
import { Looking } from './now.ts';
import { Operations } from './operations.ts';
import type { PastItem } from './past.ts';
import { readPulse } from './pulse.ts';
import type { ProviderHealth } from './pulse.ts';
import { reach, Reading } from './reading.ts';
import { Recovery } from './recovery.ts';
import { Starting } from './starting.ts';
import type { StartOptions, StartRequest } from './starting.ts';
import { summing } from './summary.ts';
import type { Summary } from './summary.ts';
import { checkUserId } from './user-id.ts';
import { Watching } from './watching.ts';
import { Webhooks } from './webhooks.ts';
import { wouldTake } from './would-take.ts';
import type { Outcome } from './would-take.ts';

export type CodeOutcome =
  | { readonly outcome: 'verified' | 'incorrect'; readonly status: Status }
  /** No answer in time; the same request under the same idempotency key collects it. */
  | { readonly outcome: 'pending' };

export interface OnwardOptions extends StartOptions {
  /** Made by `connect`, so that it speaks the journey's data converter. */
  readonly client: Client;
  /** How long the answer to a command is waited for, in milliseconds. */
  readonly commandWait?: number;
  /** How long a code's outcome is waited for before it is `pending`. */
  readonly codeWait?: number;
}

interface Reasoned {
  readonly reason: string;
}

const SECOND = 1_000;
const COMMAND_WAIT = 10 * SECOND;
const CODE_WAIT = 15 * SECOND;
const HEALTH_LIFE = 2 * SECOND;

/**
 * Starts journeys, asks them, and tells them things. Every method may throw `Unavailable`, and `BadRequest` for a user id
 * that is none; all but `start` throw `NotFound`; commands throw `NotNow` and `KeyReused`. What else stands with each.
 */
export class Onward {
  readonly #client: Client;
  readonly #commandWait: number;
  readonly #codeWait: number;
  readonly #starting: Starting;
  readonly #reading: Reading;
  readonly #directory: Directory;
  readonly #erasing: Erasing;
  readonly #summary: () => Promise<Summary>;
  readonly #health: () => Promise<ProviderHealth | null>;
  /** Changes of status on their way out. */
  readonly webhooks: Webhooks;
  /** Bulk operations. */
  readonly operations: Operations;
  /** The automatic retry. */
  readonly recovery: Recovery;
  /** Waits for changes of status. */
  readonly watching: Watching;
  /** Looks at everything while somebody listens. */
  readonly looking: Looking;

  constructor({ client, commandWait = COMMAND_WAIT, codeWait = CODE_WAIT, ...start }: OnwardOptions) {
    this.#client = client;
    this.#commandWait = commandWait;
    this.#codeWait = codeWait;
    this.#reading = new Reading(client);
    this.#starting = new Starting(client, this.#reading, start);
    this.#directory = new Directory(client);
    this.#erasing = new Erasing(client);
    this.#summary = summing({ client, ...start });
    this.#health = kept(HEALTH_LIFE, () => readPulse(client, start.taskQueue ?? TASK_QUEUE));
    this.webhooks = new Webhooks(client);
    this.operations = new Operations({ client, ...start });
    this.recovery = new Recovery({ client });
    this.watching = new Watching(client, this.#reading);
    this.looking = new Looking({
      client,
      ...start,
      summary: this.#summary,
      providerHealth: this.#health,
      recovery: this.recovery,
      operations: this.operations,
    });
  }

  /**
   * Starts a user's journey. One that exists is found and never touched.
   *
   * @returns whether it was started now
   * @throws AccountTypeDiffers
   */
  async start(userId: string, request: StartRequest): Promise<{ readonly started: boolean }> {
    checkUserId(userId);
    return this.#starting.start(userId, request);
  }

  /**
   * Begins anew the journey of a user whose last one expired; that of a cancelled one for operators alone.
   * It carries the counters of the last day and all that has happened.
   *
   * @throws NotNow where it is open or done
   */
  async restart(userId: string, request: Reasoned, caller: Caller): Promise<{ readonly started: true }> {
    checkUserId(userId);
    checkReason(request.reason);
    return this.#starting.restart(userId, request, caller);
  }

  /**
   * Erases all that Temporal keeps of a user, and proves it; see `Erasing`. An open journey ends without another send.
   *
   * @throws NotFound, Unavailable where the proof is not there in time: asking again is safe
   */
  async erase(userId: string): Promise<void> {
    checkUserId(userId);
    await reach(() => this.#erasing.erase(userId));
  }

  /** A user's onboarding status, also while no worker runs and after the end; see `Reading.status`. */
  async status(userId: string): Promise<Status> {
    checkUserId(userId);
    return this.#reading.status(userId);
  }

  /** What happened to a user, in plain words. */
  async timeline(userId: string): Promise<readonly TimelineItem[]> {
    checkUserId(userId);
    return this.#reading.timeline(userId);
  }

  /** What happened to a user, and how the journey stood after each of it. */
  async past(userId: string): Promise<readonly PastItem[]> {
    checkUserId(userId);
    return this.#reading.past(userId);
  }

  /** What would come of a command now; tells the journey nothing. */
  async forecast(userId: string, command: CommandName): Promise<Outcome> {
    checkUserId(userId);
    await this.#reading.describe(userId);
    return reach(() => wouldTake(this.#client, userId, command));
  }

  /**
   * Has a code judged.
   *
   * @throws ProviderUnavailable
   */
  async submitCode(userId: string, request: { channel: Channel; code: string }, caller: Caller): Promise<CodeOutcome> {
    checkUserId(userId);
    const { channel, code } = request;
    checkChannel(channel);
    if (!/^\d{4,10}$/.test(code)) throw new BadRequest('code', 'a code has 4 to 10 digits');
    const asked = { channel, code, reason: null };
    try {
      const reply = await ask(this.#client, userId, submitCodeUpdate, asked, caller, this.#codeWait);
      if (reply !== CLOSED) return { outcome: reply.outcome, status: reply.status };
    } catch (error) {
      if (error instanceof Unavailable && error.afterDeadline) return { outcome: 'pending' };
      throw error;
    }
    const status = await this.#reading.status(userId);
    if (status[channel]?.status === 'verified') return { outcome: 'verified', status };
    throw ended('submitCode', status);
  }

  /** Asks for another code on the channel that is due. Throws `CoolingDown`. */
  resend(userId: string, request: { channel?: Channel } & Partial<Reasoned>, caller: Caller): Promise<Status> {
    return this.#command('resend', userId, { ...request, reason: request.reason ?? null }, caller);
  }

  /** Asks for the provider's own record and moves on accordingly; sends nothing itself. */
  recheck(userId: string, { reason }: Partial<Reasoned>, caller: Caller): Promise<Status> {
    return this.#command('recheck', userId, { reason: reason ?? null }, caller);
  }

  /** Sends what is due, or opens a locked channel. Throws `CoolingDown` at the send limit. */
  retry(userId: string, request: Reasoned, caller: Caller): Promise<Status> {
    return this.#command('retry', userId, request, caller);
  }

  /** Holds a journey; what is in flight ends first. */
  pause(userId: string, request: Reasoned, caller: Caller): Promise<Status> {
    return this.#command('pause', userId, request, caller);
  }

  /** Lets a paused journey go on where it was, a due send included. */
  resume(userId: string, request: Reasoned, caller: Caller): Promise<Status> {
    return this.#command('resume', userId, request, caller);
  }

  /** Ends a journey; what is in flight ends first. */
  cancel(userId: string, request: Reasoned, caller: Caller): Promise<Status> {
    return this.#command('cancel', userId, request, caller);
  }

  /** Declares the channel that is due verified, on an operator's word. */
  override(userId: string, request: Reasoned & { channel: Channel }, caller: Caller): Promise<Status> {
    return this.#command('override', userId, request, caller);
  }

  /**
   * Lists journeys, the newest start first.
   *
   * @param limit 1 to 200
   * @param cursor the `next` of the page before
   */
  list(filter?: Filter, limit?: number, cursor?: string): Promise<Page> {
    return reach(() => this.#directory.list(filter, limit, cursor));
  }

  /** How many journeys a filter means. */
  count(filter: Filter): Promise<number> {
    return reach(() => this.#directory.count(filter));
  }

  /** Counts journeys by state, step and reason, and tells what is stuck; at most two seconds behind. */
  summary(): Promise<Summary> {
    return this.#summary();
  }

  /** What the provider has answered over the last 15 minutes; at most two seconds behind what workers have told. See `readPulse`. */
  providerHealth(): Promise<ProviderHealth | null> {
    return this.#health();
  }

  async #command(
    name: CommandName,
    userId: string,
    request: { readonly reason: string | null; readonly channel?: Channel },
    caller: Caller,
  ): Promise<Status> {
    checkUserId(userId);
    if (request.channel !== undefined) checkChannel(request.channel);
    if (request.reason !== null) checkReason(request.reason);
    const reply = await ask(this.#client, userId, commandUpdates[name], request, caller, this.#commandWait);
    if (reply !== CLOSED) return reply.status;
    throw ended(name, await this.#reading.status(userId));
  }
}

function checkChannel(channel: Channel): void {
  if (!channels.includes(channel)) throw new BadRequest('channel', `channel is one of ${channels.join(', ')}`);
}

function ended(name: string, { state, step, allowed }: Status): NotNow {
  return new NotNow(`${name} is not allowed in ${state}`, { state, step, allowed: allowed ?? {} });
}
