import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import type { Caller } from '../../client/ask.ts';
import type { Onward } from '../../client/onward.ts';
import type { AccountType, Step } from '../../workflows/context.ts';
import type { Policy } from '../../workflows/policy.ts';
import type { State, Status } from '../../workflows/status.ts';
import type { Fault, Sfox } from '../sfox/index.ts';

const app: Caller = { role: 'app', name: 'shop' };
const operator: Caller = { role: 'operator', name: 'grace' };

/** Where the stories play. */
export interface Stage {
  readonly sfox: Sfox;
  facade(policy: Partial<Policy>): Onward;
  /** Aborted when the show is over, whoever is still on the stage. */
  readonly over: AbortSignal;
}

/** A sign-up and the one behind it, who reads codes and types them at a person's pace, and the operator who looks after them. */
export class Person {
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

  /** Is registered at the provider, which mails a first code by itself. */
  async isRegistered(): Promise<void> {
    const { url, apiKey } = this.#stage.sfox;
    const response = await fetch(`${url}/v1/enterprise/register-account`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: this.userId, account_type: 'individual' }),
    });
    if (!response.ok) throw new Error(`the simulator registers nobody: ${response.status}`);
  }

  /** Meets these faults at the next sends. */
  isMetBy(faults: readonly Fault[]): void {
    this.#stage.sfox.script(this.userId, 'send', faults);
  }

  /** Clicks a link of the provider's own, which we hear nothing of. */
  verifiesElsewhere(channel: Channel): void {
    this.#stage.sfox.verify(this.userId, channel);
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

  /** Does not find the code, and asks for another as soon as that is allowed. */
  async asksForAnother(channel: Channel): Promise<void> {
    this.#read.add(await this.#findsCode(channel));
    await this.sees(({ allowed }) => Date.parse(allowed?.resend?.at ?? '') <= Date.now());
    await this.#onward.resend(this.userId, { channel }, app);
  }

  async asksForTheRecord(): Promise<void> {
    await this.#onward.recheck(this.userId, {}, app);
  }

  async isRetried(reason: string): Promise<void> {
    await this.#onward.retry(this.userId, { reason }, operator);
  }

  async isPaused(reason: string): Promise<void> {
    await this.#onward.pause(this.userId, { reason }, operator);
  }

  async isResumed(reason: string): Promise<void> {
    await this.#onward.resume(this.userId, { reason }, operator);
  }

  async isCancelled(reason: string): Promise<void> {
    await this.#onward.cancel(this.userId, { reason }, operator);
  }

  waits(milliseconds: number): Promise<void> {
    return pause(milliseconds, undefined, { signal: this.#stage.over });
  }

  /** Waits until the journey stands there. */
  async reaches(state: State, step?: Step): Promise<void> {
    await this.sees((status) => status.state === state && (step === undefined || status.step === step));
  }

  /** Waits until the status looks so. */
  async sees(looksSo: (status: Status) => boolean): Promise<void> {
    while (!looksSo(await this.#onward.status(this.userId))) await this.waits(200);
  }

  /** Waits for a code that is new and may be entered; the outbox is the inbox and the phone of everyone. */
  async #findsCode(channel: Channel): Promise<string> {
    await this.sees(({ allowed }) => allowed?.submitCode?.channel === channel);
    for (;;) {
      const mail = this.#stage.sfox.outbox(this.userId).findLast((mail) => mail.channel === channel);
      if (mail !== undefined && !this.#read.has(mail.code)) return mail.code;
      await this.waits(200);
    }
  }
}
