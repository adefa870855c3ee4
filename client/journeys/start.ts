import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { accountTypes } from '../../workflows/journey/account-types.ts';
import { reasonsToRevisit } from '../../workflows/journey/stall-reasons.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import { attributeKeys, journeyId, TASK_QUEUE, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { Signup, Successor } from '../../workflows/contract.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { accountTypeOf } from './closed-journey.ts';
import { sendUpdate, digest, keyedUpdateId } from './idempotent-update.ts';
import type { Caller } from './idempotent-update.ts';
import { QuietHoursResolver } from '../config/quiet-hours.ts';
import type { QuietHoursSetting } from '../config/quiet-hours.ts';
import { AccountTypeDiffers, BadRequest, IdempotencyKeyReused, InvalidState } from '../errors.ts';
import { memoOf, readMemo } from '../temporal/messages.ts';
import { translatingErrors } from './status-reader.ts';
import type { StatusReader } from './status-reader.ts';
import { parseUnknown } from '../../workflows/engine/core/parse-values.ts';

export interface StartRequest {
  readonly accountType: AccountType;
  /** Overrides the policy. So does `smsStart`. */
  readonly firstEmail?: Policy['firstEmail'];
  readonly smsStart?: Policy['smsStart'];
  /** The user's time zone, an IANA name, for quiet hours. An unknown one is replaced by that of the policy. */
  readonly timeZone?: string | undefined;
}

export interface StartOptions {
  /** The policy of new journeys. */
  readonly policy?: Policy;
  /** The quiet hours of new journeys. */
  readonly quietHours?: QuietHoursSetting | null;
  readonly taskQueue?: string;
  /** Names the provider of new journeys: a worker of another one refuses them. Absent: any worker serves them. */
  readonly provider?: string;
  /** Whether new journeys send their status changes to the worker's `ONWARD_STATUS_URL`. */
  readonly notifyReceiver?: boolean;
}

/** Memo key of a restarted journey. Identifies the request that restarted it. */
const RESTART_MEMO = 'restart';

/** Timeout of a recheck, in milliseconds. */
const RECHECK_TIMEOUT_MS = 5_000;

const StoredMarker = z.object({ key: z.string().nullable(), fingerprint: z.string() });
type RestartMarker = Readonly<z.infer<typeof StoredMarker>>;

/** Starts journeys. The workflow id ensures that a user has at most one. */
export class JourneyStarter {
  readonly #client: Client;
  readonly #statusReader: StatusReader;
  readonly #policy: Policy;
  readonly #quietHours: QuietHoursResolver | undefined;
  readonly #taskQueue: string;
  readonly #provider: string | undefined;
  readonly #notifyReceiver: boolean;

  constructor(
    client: Client,
    statusReader: StatusReader,
    {
      policy = defaultPolicy,
      quietHours = null,
      taskQueue = TASK_QUEUE,
      provider,
      notifyReceiver = false,
    }: StartOptions,
  ) {
    this.#client = client;
    this.#statusReader = statusReader;
    this.#policy = policy;
    this.#quietHours = quietHours === null ? undefined : new QuietHoursResolver(quietHours);
    this.#taskQueue = taskQueue;
    this.#provider = provider;
    this.#notifyReceiver = notifyReceiver;
  }

  async start(
    userId: string,
    { accountType, firstEmail, smsStart, timeZone }: StartRequest,
  ): Promise<{ started: boolean }> {
    if (!accountTypes.includes(accountType)) {
      throw new BadRequest('accountType', `accountType must be one of ${accountTypes.join(', ')}`);
    }
    const policy = { ...this.#policyFor(timeZone), ...(firstEmail && { firstEmail }), ...(smsStart && { smsStart }) };
    if (await this.#startWorkflow({ userId, accountType, policy }, 'REJECT_DUPLICATE')) return { started: true };
    const { typedSearchAttributes } = await this.#statusReader.describe(userId);
    const existing = accountTypeOf(typedSearchAttributes.get(attributeKeys.account));
    if (existing !== null && existing !== accountType) throw new AccountTypeDiffers(existing);
    const reason = typedSearchAttributes.get(attributeKeys.reason);
    if (reasonsToRevisit.some((each) => each === reason)) await this.#recheck(userId);
    return { started: false };
  }

  async restart(userId: string, { reason }: { reason: string }, caller: Caller): Promise<{ started: true }> {
    const { role, name } = caller;
    const mark: RestartMarker = { key: keyedUpdateId(caller) ?? null, fingerprint: digest([reason]) };
    const status = await this.#statusReader.status(userId);
    const { state, step, accountType, supersededBy } = status;
    // The person of a superseded journey has another one, and must not have two open ones.
    const isAllowed = supersededBy === null && (state === 'expired' || (state === 'cancelled' && role === 'operator'));
    const refused = new InvalidState(`restart is not allowed in ${explainState(status)}`, {
      state,
      step,
      allowed: status.allowed ?? {},
    });
    if (!isAllowed) return this.#repeatRestart(userId, mark, refused);
    const { runId } = await this.#statusReader.describe(userId);
    const carried = (await this.#statusReader.result(userId))?.carried;
    const policy = { ...this.#policyFor(undefined), firstEmail: 'send' as const };
    const signup = {
      userId,
      accountType: accountType ?? 'individual',
      policy,
      restarted: { by: { role, name }, reason, ...(carried && { carried }) },
    };
    const memo = { [RESTART_MEMO]: createRequest('memo', RESTART_MEMO, mark) };
    if (!(await this.#startWorkflow(signup, 'ALLOW_DUPLICATE_FAILED_ONLY', memo)))
      return this.#repeatRestart(userId, mark, refused);
    await this.#deleteRun(userId, runId);
    return { started: true };
  }

  /** Starts the journey that replaces a superseded one. A journey that exists already is left unchanged. */
  async startSuccessor(successor: Successor): Promise<void> {
    await this.#startWorkflow(successor, 'REJECT_DUPLICATE');
  }

  #policyFor(timeZone: string | undefined): Policy {
    if (this.#quietHours === undefined) return this.#policy;
    const { automaticSends } = this.#policy;
    return { ...this.#policy, automaticSends: { ...automaticSends, quietHours: this.#quietHours.resolve(timeZone) } };
  }

  /** A repeated sign-up suggests that the provider now knows a user that it did not know before. */
  async #recheck(userId: string): Promise<void> {
    const caller = { role: 'onward', name: 'sign-up', once: `sign-up:${randomUUID()}` } as const;
    const request = { reason: 'signed up again' };
    try {
      await sendUpdate(this.#client, userId, 'recheck', request, caller, RECHECK_TIMEOUT_MS);
    } catch (error) {
      // The journey has proceeded by itself in the meantime.
      if (!(error instanceof InvalidState)) throw error;
    }
  }

  /** Accepts a restart that is not allowed if the same request with the same key was executed before. */
  async #repeatRestart(
    userId: string,
    { key, fingerprint }: RestartMarker,
    refused: InvalidState,
  ): Promise<{ started: true }> {
    const described = await this.#statusReader.describe(userId);
    const marker = await translatingErrors(() => readMemo(this.#client, memoOf(described), RESTART_MEMO, parseUnknown));
    const { data: before } = StoredMarker.safeParse(marker);
    if (key === null || before?.key !== key) throw refused;
    if (before.fingerprint !== fingerprint) throw new IdempotencyKeyReused();
    return { started: true };
  }

  async #startWorkflow(
    signup: Signup,
    reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
    memo?: Record<string, unknown>,
  ): Promise<boolean> {
    const { userId, accountType } = signup;
    const start: Signup = {
      ...(this.#provider !== undefined && { provider: this.#provider }),
      // A successor belongs to the provider of its predecessor, also if this process has another one.
      ...signup,
      ...(this.#notifyReceiver && { notifyReceiver: true }),
    };
    const starting = this.#client.workflow.start(WORKFLOW_TYPE, {
      workflowId: journeyId(userId),
      workflowIdReusePolicy: reuse,
      taskQueue: this.#taskQueue,
      args: [createRequest('start', WORKFLOW_TYPE, start)],
      typedSearchAttributes: [
        { key: attributeKeys.account, value: accountType },
        { key: attributeKeys.state, value: 'emailPending' },
        { key: attributeKeys.since, value: new Date() },
      ],
      ...(memo && { memo }),
      staticSummary: `onboards ${userId} (${accountType})`,
    });
    return translatingErrors(async () => {
      try {
        await starting;
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    });
  }

  /** Deletes the previous run, whose data the new journey carries, so that the user is listed and counted once. The server deletes within seconds. */
  async #deleteRun(userId: string, runId: string): Promise<void> {
    const { namespace } = this.#client.options;
    const workflowExecution = { workflowId: journeyId(userId), runId };
    try {
      await this.#client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    } catch {
      // The restart has succeeded; the old execution stays listed until its retention has passed.
    }
  }
}

/** The state of a journey within an error, and whether it was superseded. */
export const explainState = ({ state, supersededBy }: Pick<Status, 'state' | 'supersededBy'>) =>
  supersededBy === null ? state : `${state}: it is superseded by the journey of ${supersededBy}`;
