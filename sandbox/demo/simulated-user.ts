import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '../../client/journeys/idempotent-update.ts';
import type { Onward } from '../../client/onward.ts';
import type { Step } from '../../workflows/journey/context.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { State, Status } from '../../workflows/journey/status/status.ts';
import type { Channel, Fault } from '../sfox/index.ts';
import type { RemoteSfox } from '../sfox/remote.ts';

const app: Caller = { role: 'app', name: 'shop' };
const operator: Caller = { role: 'operator', name: 'grace' };

/** What the scenarios act on. */
export interface Stage {
  readonly sfox: RemoteSfox;
  facade(policy: Partial<Policy>): Onward;
  /** Aborted when the demo ends, even if scenarios are still running. */
  readonly over: AbortSignal;
}

/** A simulated user, who reads and types codes as slowly as a person, and the operator of the journey. */
export class SimulatedUser {
  readonly userId: string;
  readonly #accountType: AccountType;
  readonly #stage: Stage;
  readonly #onward: Onward;
  readonly #read = new Set<string>();

  constructor(userId: string, accountType: AccountType, policy: Partial<Policy>, stage: Stage) {
    this.userId = userId;
    this.#accountType = accountType;
    this.#stage = stage;
    this.#onward = stage.facade(policy);
  }

  async signsUp(): Promise<void> {
    await this.#onward.start(this.userId, { accountType: this.#accountType });
  }

  /** Registers at the provider, which sends a first code by e-mail. */
  async isRegistered(): Promise<void> {
    const { url, apiKey } = this.#stage.sfox;
    const response = await fetch(`${url}/v1/enterprise/register-account`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: this.userId, account_type: 'individual' }),
    });
    if (!response.ok) throw new Error(`the simulator replied ${response.status} to the registration of ${this.userId}`);
  }

  /** Queues faults for the next sends. */
  async isMetBy(faults: readonly Fault[]): Promise<void> {
    await this.#stage.sfox.script(this.userId, 'send', faults);
  }

  /** Verifies a channel at the provider without Onward, for example by a link. */
  async verifiesElsewhere(channel: Channel): Promise<void> {
    await this.#stage.sfox.verify(this.userId, channel);
  }

  async entersCode(channel: Channel): Promise<void> {
    const code = await this.#findsCode(channel);
    await this.waits(1_800);
    await this.#onward.submitCode(this.userId, { channel, code }, app);
    this.#read.add(code);
  }

  async entersWrongCode(channel: Channel): Promise<void> {
    const code = await this.#findsCode(channel);
    await this.waits(1_300);
    const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
    await this.#onward.submitCode(this.userId, { channel, code: wrong }, app);
  }

  /** Requests another code as soon as that is allowed. */
  async asksForAnother(channel: Channel): Promise<void> {
    this.#read.add(await this.#findsCode(channel));
    await this.sees(({ allowed }) => Date.parse(allowed?.resend?.at ?? '') <= Date.now());
    await this.#onward.resend(this.userId, { channel }, app);
  }

  async asksForTheRecord(): Promise<void> {
    await this.#onward.recheck(this.userId, {}, app);
  }

  async retryByOperator(reason: string): Promise<void> {
    await this.#onward.retry(this.userId, { reason }, operator);
  }

  async pauseByOperator(reason: string): Promise<void> {
    await this.#onward.pause(this.userId, { reason }, operator);
  }

  async resumeByOperator(reason: string): Promise<void> {
    await this.#onward.resume(this.userId, { reason }, operator);
  }

  async cancelByOperator(reason: string): Promise<void> {
    await this.#onward.cancel(this.userId, { reason }, operator);
  }

  waits(milliseconds: number): Promise<void> {
    return pause(milliseconds, undefined, { signal: this.#stage.over });
  }

  /** Waits until the journey is in the state and step. */
  async reaches(state: State, step?: Step): Promise<void> {
    await this.sees((status) => status.state === state && (step === undefined || status.step === step));
  }

  /** Waits until the status matches. */
  async sees(matches: (status: Status) => boolean): Promise<void> {
    while (!matches(await this.#onward.status(this.userId))) await this.waits(200);
  }

  /** Waits until a code can be submitted, and returns a new one from the simulator's outbox. */
  async #findsCode(channel: Channel): Promise<string> {
    await this.sees(({ allowed }) => allowed?.submitCode?.channel === channel);
    for (;;) {
      const mails = await this.#stage.sfox.outbox(this.userId);
      const mail = mails.findLast((mail) => mail.channel === channel);
      if (mail !== undefined && !this.#read.has(mail.code)) return mail.code;
      await this.waits(200);
    }
  }
}
