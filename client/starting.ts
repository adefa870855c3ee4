import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { accountTypes } from '../workflows/context.ts';
import type { AccountType } from '../workflows/context.ts';
import { attributes, journeyId, TASK_QUEUE, WORKFLOW_TYPE } from '../workflows/contract.ts';
import type { Signup } from '../workflows/contract.ts';
import type { onboarding } from '../workflows/onboarding.ts';
import { defaultPolicy } from '../workflows/policy.ts';
import type { Policy } from '../workflows/policy.ts';
import { digest, keyOf } from './ask.ts';
import type { Caller } from './ask.ts';
import { AccountTypeDiffers, BadRequest, KeyReused, NotNow } from './errors.ts';
import { reach } from './reading.ts';
import type { Reading } from './reading.ts';

export interface StartRequest {
  readonly accountType: AccountType;
  /** Overrides the policy, as does `smsStart`. */
  readonly firstEmail?: Policy['firstEmail'];
  readonly smsStart?: Policy['smsStart'];
}

export interface StartOptions {
  /** What new journeys are given. */
  readonly policy?: Policy;
  readonly taskQueue?: string;
  /** Whether the changes of new journeys are told to a receiver: the worker's `ONWARD_STATUS_URL`. */
  readonly tellsStatus?: boolean;
}

/** The memo of a journey that was begun by a restart: which request it was. */
const RESTART_MEMO = 'restart';

interface Mark {
  readonly key: string | null;
  readonly fingerprint: string;
}

/** Begins journeys. That one user has one journey is the server's own rule, by its workflow id. */
export class Starting {
  readonly #client: Client;
  readonly #reading: Reading;
  readonly #policy: Policy;
  readonly #taskQueue: string;
  readonly #tells: boolean;

  constructor(
    client: Client,
    reading: Reading,
    { policy = defaultPolicy, taskQueue = TASK_QUEUE, tellsStatus = false }: StartOptions,
  ) {
    this.#client = client;
    this.#reading = reading;
    this.#policy = policy;
    this.#taskQueue = taskQueue;
    this.#tells = tellsStatus;
  }

  async start(userId: string, { accountType, firstEmail, smsStart }: StartRequest): Promise<{ started: boolean }> {
    if (!accountTypes.includes(accountType)) {
      throw new BadRequest('accountType', `accountType is one of ${accountTypes.join(', ')}`);
    }
    const policy = { ...this.#policy, ...(firstEmail && { firstEmail }), ...(smsStart && { smsStart }) };
    if (await this.#begin({ userId, accountType, policy }, 'REJECT_DUPLICATE')) return { started: true };
    const { typedSearchAttributes } = await this.#reading.describe(userId);
    const is = typedSearchAttributes.get(attributes.account);
    if (is !== undefined && is !== accountType) throw new AccountTypeDiffers(is);
    return { started: false };
  }

  async restart(userId: string, { reason }: { reason: string }, caller: Caller): Promise<{ started: true }> {
    const { role, name } = caller;
    const mark: Mark = { key: keyOf(caller) ?? null, fingerprint: digest([reason]) };
    const status = await this.#reading.status(userId);
    const { state, step, accountType } = status;
    const may = state === 'expired' || (state === 'cancelled' && role === 'operator');
    const refused = new NotNow(`restart is not allowed in ${state}`, { state, step, allowed: status.allowed ?? {} });
    if (!may) return this.#again(userId, mark, refused);
    const { runId } = await this.#reading.describe(userId);
    const carried = (await this.#reading.ending(userId))?.carried;
    const policy = { ...this.#policy, firstEmail: 'send' as const };
    const signup = {
      userId,
      accountType: accountType ?? 'individual',
      policy,
      restarted: { by: { role, name }, reason, ...(carried && { carried }) },
    };
    const memo = { [RESTART_MEMO]: mark };
    if (!(await this.#begin(signup, 'ALLOW_DUPLICATE_FAILED_ONLY', memo))) return this.#again(userId, mark, refused);
    await this.#forget(userId, runId);
    return { started: true };
  }

  /** A restart that is not allowed may be one that was carried out before under its key. */
  async #again(userId: string, { key, fingerprint }: Mark, refused: NotNow): Promise<{ started: true }> {
    const { memo } = await this.#reading.describe(userId);
    const before = memo?.[RESTART_MEMO] as Mark | undefined;
    if (key === null || before?.key !== key) throw refused;
    if (before.fingerprint !== fingerprint) throw new KeyReused();
    return { started: true };
  }

  async #begin(
    signup: Signup,
    reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
    memo?: Record<string, unknown>,
  ): Promise<boolean> {
    const { userId, accountType } = signup;
    const begun = this.#client.workflow.start<typeof onboarding>(WORKFLOW_TYPE, {
      workflowId: journeyId(userId),
      workflowIdReusePolicy: reuse,
      taskQueue: this.#taskQueue,
      args: [{ signup: this.#tells ? { ...signup, tells: true } : signup }],
      typedSearchAttributes: [
        { key: attributes.account, value: accountType },
        { key: attributes.state, value: 'emailPending' },
        { key: attributes.since, value: new Date() },
      ],
      ...(memo && { memo }),
      staticSummary: `brings ${userId} (${accountType}) to verified`,
    });
    return reach(async () => {
      try {
        await begun;
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    });
  }

  /** The new journey carries what the old one knew; without the old one, which takes the server some seconds, a user is listed and counted once. */
  async #forget(userId: string, runId: string): Promise<void> {
    const { namespace } = this.#client.options;
    const workflowExecution = { workflowId: journeyId(userId), runId };
    try {
      await this.#client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    } catch {
      // The restart stands: the old execution is listed beside the new one until its retention has passed.
    }
  }
}
