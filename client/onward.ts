import {
  QueryRejectedError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { Channel } from '../activities/contract.ts';
import { accountTypes, channels } from '../workflows/context.ts';
import type { AccountType } from '../workflows/context.ts';
import {
  attributes,
  commandUpdates,
  journeyId,
  statusQuery,
  submitCodeUpdate,
  TASK_QUEUE,
  timelineQuery,
} from '../workflows/contract.ts';
import type { CommandName, Ending, Signup } from '../workflows/contract.ts';
import type { TimelineItem } from '../workflows/log.ts';
import type { onboarding } from '../workflows/onboarding.ts';
import { defaultPolicy } from '../workflows/policy.ts';
import type { Policy } from '../workflows/policy.ts';
import type { Status } from '../workflows/status.ts';
import { ask, CLOSED, translate } from './ask.ts';
import type { Caller } from './ask.ts';
import { Directory } from './directory.ts';
import { readEnding, statusFromServer } from './endings.ts';
import { AccountTypeDiffers, BadRequest, NotFound, NotNow, OnwardError, Unavailable } from './errors.ts';
import { hasNoWorker } from './temporal-errors.ts';
import { checkUserId } from './user-id.ts';

export interface StartRequest {
  readonly accountType: AccountType;
  /** Overrides the policy, as does `smsStart`. */
  readonly firstEmail?: Policy['firstEmail'];
  readonly smsStart?: Policy['smsStart'];
}

export type CodeOutcome =
  | { readonly outcome: 'verified' | 'incorrect'; readonly status: Status }
  /** No answer in time; the same request under the same idempotency key collects it. */
  | { readonly outcome: 'pending' };

export interface OnwardOptions {
  /** Made by `connect`, so that it speaks the journey's data converter. */
  readonly client: Client;
  /** What new journeys are given. */
  readonly policy?: Policy;
  readonly taskQueue?: string;
  /** How long the answer to a command is waited for, in milliseconds. */
  readonly commandWait?: number;
  /** How long a code's outcome is waited for before it is `pending`. */
  readonly codeWait?: number;
}

const SECOND = 1_000;
/** How long a live status is waited for before the server answers from what it knows. */
const QUERY_WAIT = 800;

/**
 * Starts journeys, asks them, and tells them things. Every method may throw `Unavailable`, and `BadRequest` for a user id
 * that is none; what else stands with each.
 */
export class Onward {
  readonly #client: Client;
  readonly #policy: Policy;
  readonly #taskQueue: string;
  readonly #commandWait: number;
  readonly #codeWait: number;
  readonly #directory: Directory;

  constructor(options: OnwardOptions) {
    this.#client = options.client;
    this.#policy = options.policy ?? defaultPolicy;
    this.#taskQueue = options.taskQueue ?? TASK_QUEUE;
    this.#commandWait = options.commandWait ?? 10 * SECOND;
    this.#codeWait = options.codeWait ?? 15 * SECOND;
    this.#directory = new Directory(options.client);
  }

  /**
   * Starts a user's journey. One that exists is found and never touched.
   *
   * @returns whether it was started now
   * @throws AccountTypeDiffers
   */
  async start(userId: string, request: StartRequest): Promise<{ readonly started: boolean }> {
    checkUserId(userId);
    const { accountType, firstEmail, smsStart } = request;
    if (!accountTypes.includes(accountType)) {
      throw new BadRequest('accountType', `accountType is one of ${accountTypes.join(', ')}`);
    }
    const policy = { ...this.#policy, ...(firstEmail && { firstEmail }), ...(smsStart && { smsStart }) };
    if (await this.#begin({ userId, accountType, policy }, 'REJECT_DUPLICATE')) return { started: true };
    const { accountType: is } = await this.#described(userId);
    if (is !== null && is !== accountType) throw new AccountTypeDiffers(is);
    return { started: false };
  }

  /**
   * Begins the journey of a user whose last one expired or was cancelled anew, with the counters of its last day.
   *
   * @throws NotFound, NotNow where it is open or done
   */
  async restart(
    userId: string,
    _request: { readonly reason: string },
    caller: Caller,
  ): Promise<{ readonly started: true }> {
    checkUserId(userId);
    const status = await this.status(userId);
    const restartable = status.state === 'expired' || (status.state === 'cancelled' && caller.role === 'operator');
    const ending = restartable ? await this.#ending(userId) : undefined;
    if (!restartable)
      throw new NotNow(`restart is not allowed in ${status.state}`, { ...status, allowed: status.allowed ?? {} });
    const policy = { ...this.#policy, firstEmail: 'send' as const };
    const accountType = status.accountType ?? 'individual';
    const signup = { userId, accountType, policy, ...(ending && { carried: ending.carried }) };
    if (await this.#begin(signup, 'ALLOW_DUPLICATE_FAILED_ONLY')) return { started: true };
    throw new NotNow('restart is not allowed: the user has a journey', { ...(await this.status(userId)), allowed: {} });
  }

  /**
   * A user's onboarding status: from the journey; within a second from the server while no worker runs (`live: false`);
   * in full after the end, without a worker.
   *
   * @throws NotFound
   */
  async status(userId: string): Promise<Status> {
    checkUserId(userId);
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(statusQuery);
    const answered = await this.#query(live, async () => (await this.#ending(userId))?.status);
    return answered ?? this.#described(userId);
  }

  /**
   * What happened to a user, in plain words.
   *
   * @throws NotFound
   */
  async timeline(userId: string): Promise<readonly TimelineItem[]> {
    checkUserId(userId);
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(timelineQuery);
    const answered = await this.#query(live, async () => (await this.#ending(userId))?.timeline ?? []);
    if (answered === undefined) throw new Unavailable('the timeline is told by a worker, and none answers');
    return answered;
  }

  /**
   * Has a code judged.
   *
   * @throws NotFound NotNow ProviderUnavailable KeyReused
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
    const status = await this.status(userId);
    if (status[channel]?.status === 'verified') return { outcome: 'verified', status };
    throw ended('submitCode', status);
  }

  /** Asks for another code. Throws NotFound NotNow CoolingDown KeyReused. */
  resend(userId: string, request: { channel?: Channel }, caller: Caller): Promise<Status> {
    return this.#command('resend', userId, { ...request, reason: null }, caller);
  }

  /** Asks for the provider's own record, which sends nothing. Throws as every command does: NotFound NotNow KeyReused. */
  recheck(userId: string, request: { reason?: string }, caller: Caller): Promise<Status> {
    return this.#command('recheck', userId, { reason: request.reason ?? null }, caller);
  }

  /** Sends what is due, or opens a locked channel. */
  retry(userId: string, request: { reason: string }, caller: Caller): Promise<Status> {
    return this.#command('retry', userId, request, caller);
  }

  pause(userId: string, request: { reason: string }, caller: Caller): Promise<Status> {
    return this.#command('pause', userId, request, caller);
  }

  resume(userId: string, request: { reason: string }, caller: Caller): Promise<Status> {
    return this.#command('resume', userId, request, caller);
  }

  cancel(userId: string, request: { reason: string }, caller: Caller): Promise<Status> {
    return this.#command('cancel', userId, request, caller);
  }

  /** Declares a channel verified, on an operator's word. */
  override(userId: string, request: { channel: Channel; reason: string }, caller: Caller): Promise<Status> {
    return this.#command('override', userId, request, caller);
  }

  /** Lists journeys; see `Directory.list`. */
  list(...args: Parameters<Directory['list']>): ReturnType<Directory['list']> {
    return this.#away(() => this.#directory.list(...args));
  }

  /** Counts journeys; see `Directory.summary`. */
  summary(): ReturnType<Directory['summary']> {
    return this.#away(() => this.#directory.summary());
  }

  async #command(
    name: CommandName,
    userId: string,
    request: { readonly reason: string | null; readonly channel?: Channel },
    caller: Caller,
  ): Promise<Status> {
    checkUserId(userId);
    if (request.channel !== undefined) checkChannel(request.channel);
    const reply = await ask(this.#client, userId, commandUpdates[name], request, caller, this.#commandWait);
    if (reply !== CLOSED) return reply.status;
    throw ended(name, await this.status(userId));
  }

  async #begin(
    signup: Signup,
    workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
  ): Promise<boolean> {
    const { userId, accountType } = signup;
    try {
      await this.#client.workflow.start<typeof onboarding>('onboarding', {
        workflowId: journeyId(userId),
        workflowIdReusePolicy,
        taskQueue: this.#taskQueue,
        args: [{ signup }],
        typedSearchAttributes: [
          { key: attributes.account, value: accountType },
          { key: attributes.state, value: 'emailPending' },
          { key: attributes.since, value: new Date() },
        ],
        staticSummary: `brings ${userId} (${accountType}) to verified`,
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw translate(error);
    }
  }

  /** Asks a live journey; one that has ended is read; `undefined` where no worker answers. */
  async #query<T>(live: () => Promise<T>, afterTheEnd: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await this.#client.withDeadline(Date.now() + QUERY_WAIT, live);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new NotFound();
      if (error instanceof QueryRejectedError) return afterTheEnd();
      if (hasNoWorker(error)) return undefined;
      throw translate(error);
    }
  }

  #ending(userId: string): Promise<Ending | undefined> {
    return this.#away(() => readEnding(this.#client, userId));
  }

  async #described(userId: string): Promise<Status> {
    const described = await this.#away(() => this.#client.workflow.getHandle(journeyId(userId)).describe());
    return statusFromServer(described);
  }

  async #away<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof OnwardError) throw error;
      if (error instanceof WorkflowNotFoundError) throw new NotFound();
      throw translate(error);
    }
  }
}

function checkChannel(channel: Channel): void {
  if (!channels.includes(channel)) throw new BadRequest('channel', `channel is one of ${channels.join(', ')}`);
}

function ended(name: string, status: Status): NotNow {
  const { state, step } = status;
  return new NotNow(`${name} is not allowed in ${state}`, { state, step, allowed: status.allowed ?? {} });
}
