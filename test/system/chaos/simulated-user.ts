import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../../client/http-client/index.ts';
import type { Channel, Status } from '../../../client/http-client/types.ts';
import type { Fleet, SignUpResult } from '../fleet/fleet.ts';
import type { Channel as SfoxChannel } from '../../../sandbox/sfox/index.ts';
import type { RemoteSfox } from '../../../sandbox/sfox/remote.ts';
import type { Participant } from './participants.ts';

export interface UserContext {
  readonly fleet: Fleet<RemoteSfox>;
  /** Aborted when the run takes too long. */
  readonly deadline: AbortSignal;
}

const POLL_INTERVAL_MS = 250;
const LONG_POLL_SECONDS = 3;
/** How long users wait for a code before they request another. */
const RESEND_AFTER_MS = 5_000;
/** How long a user who loses the first code waits, once a resend is allowed, before requesting another. */
const LOSES_CODE_AFTER_MS = 1_000;

/** Signs up, submits received codes, and retries failed requests; also acts as the operator responsible for this user. */
export class SimulatedUser {
  readonly userId: string;
  /** The gateway's answer to each delivery of the sign-up event. */
  readonly signUpResults: SignUpResult[] = [];
  /** The journey's status when it was last read. */
  lastStatus: Status | undefined;
  /** What the user is doing or waiting for, for error messages. */
  progress = 'signing up';
  readonly #participant: Participant;
  readonly #context: UserContext;
  readonly #submitted = new Set<string>();
  #wrongGuesses = 0;
  #hasLostCode = false;
  #lastChangeMs = Date.now();

  constructor(participant: Participant, context: UserContext) {
    this.userId = participant.userId;
    this.#participant = participant;
    this.#context = context;
  }

  /** Signs up, and acts until the journey has reached the final status of the user's behaviour. */
  async run(): Promise<void> {
    await this.#retry(() => this.#signUp());
    let revision: number | undefined;
    for (;;) {
      this.progress = `waiting for a status after revision ${revision}`;
      const status = await this.#retry(() => this.#readStatus(revision));
      this.progress = 'acting';
      this.lastStatus = status;
      if (this.#participant.behaviour.isFinal(status)) return;
      if (status.revision !== revision) this.#lastChangeMs = Date.now();
      await this.#act(status).catch(throwUnlessTransient);
      revision = status.revision ?? undefined;
      await pause(POLL_INTERVAL_MS);
    }
  }

  /** Verifies a channel at the provider directly, and has the journey check it. */
  async verifyElsewhere(channel: SfoxChannel): Promise<void> {
    await this.#context.fleet.sfox.verify(this.userId, channel);
    await this.#app.recheck(this.userId);
  }

  /** Ignores the first code and requests another. Returns whether the user has nothing else to do now. */
  async loseCode({ allowed }: Status): Promise<boolean> {
    if (this.#hasLostCode || allowed?.submitCode?.channel !== 'email') return false;
    if (Date.parse(allowed.resend?.at ?? '') + LOSES_CODE_AFTER_MS > Date.now()) return true;
    await this.#app.resend(this.userId, { channel: 'email' }, { idempotencyKey: `${this.userId}-another` });
    return (this.#hasLostCode = true);
  }

  /** Returns whether the user has nothing else to do now. */
  async submitWrongCode({ allowed, stalled }: Status): Promise<boolean> {
    if (allowed?.submitCode?.channel !== 'email') return stalled === null && !hasNoGuessesLeft(allowed);
    this.#wrongGuesses += 1;
    const code = String(this.#wrongGuesses).padStart(4, '0');
    await this.#app.submitCode(this.userId, { channel: 'email', code });
    return true;
  }

  async pauseJourney(): Promise<void> {
    await this.#operator.pause(this.userId, { reason: 'the number is under review' });
  }

  async cancelJourney(): Promise<void> {
    await this.#operator.cancel(this.userId, { reason: 'signed up twice' });
  }

  get #app() {
    return this.#context.fleet.client('app');
  }

  get #operator() {
    return this.#context.fleet.client('operator');
  }

  async #signUp(): Promise<void> {
    const { behaviour, signsUpBy, eventDeliveries } = this.#participant;
    const { accountType } = behaviour;
    if (signsUpBy === 'call') return void (await this.#app.start(this.userId, { accountType }));
    while (this.signUpResults.length < eventDeliveries) {
      this.signUpResults.push(await this.#context.fleet.signUp(this.userId, accountType));
    }
  }

  async #startAgain(): Promise<void> {
    await this.#app.start(this.userId, { accountType: this.#participant.behaviour.accountType });
  }

  #readStatus(after: number | undefined): Promise<Status> {
    const { deadline: signal } = this.#context;
    if (after === undefined) return this.#app.status(this.userId, { signal });
    return this.#app.waitFor(this.userId, { after, wait: LONG_POLL_SECONDS, signal });
  }

  async #act(status: Status): Promise<void> {
    const { allowed, stalled, step } = status;
    // Recovery would check once an hour whether the provider knows the user by now.
    if (stalled?.reason === 'unknownUser') return this.#startAgain();
    if ((await this.#participant.behaviour.act?.(this, status)) === true) return;
    if (stalled?.reason === 'providerRefused' || step === 'locked') {
      return void (await this.#operator.retry(this.userId, { reason: 'requested by phone' }));
    }
    const channel = allowed?.submitCode?.channel;
    if (channel !== undefined && (await this.#submitNewestCode(channel))) return;
    const resendAllowedAt = Date.parse(allowed?.resend?.at ?? '');
    const hasWaited = this.#lastChangeMs + RESEND_AFTER_MS <= Date.now();
    if (resendAllowedAt <= Date.now() && (hasNoGuessesLeft(allowed) || hasWaited)) {
      this.progress = 'requesting another code';
      await this.#app.resend(this.userId);
    }
  }

  /** Returns whether there was a code without a known outcome. */
  async #submitNewestCode(channel: Channel): Promise<boolean> {
    const mails = await this.#context.fleet.sfox.outbox(this.userId);
    const code = mails.findLast((mail) => mail.channel === channel)?.code;
    if (code === undefined || this.#submitted.has(code)) return false;
    const idempotencyKey = `${this.userId}-${code}`;
    this.progress = 'submitting a code';
    const { outcome } = await this.#app.submitCode(this.userId, { channel, code }, { idempotencyKey });
    if (outcome !== 'pending') this.#submitted.add(code);
    return true;
  }

  async #retry<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#context.deadline.throwIfAborted();
      try {
        return await request();
      } catch (error) {
        this.#context.deadline.throwIfAborted();
        throwUnlessTransient(error);
        await pause(POLL_INTERVAL_MS);
      }
    }
  }
}

/** With no guess left on the code, only another code helps. */
const hasNoGuessesLeft = (allowed: Status['allowed']) =>
  allowed?.resend !== undefined && allowed.submitCode === undefined;

/** Error replies and connections cut by a killed gateway are retried; a rejected request (400, 401) is a defect. */
function throwUnlessTransient(error: unknown): void {
  const isRetryable = error instanceof Problem && error.status !== 400 && error.status !== 401;
  const isCut = error instanceof TypeError || error instanceof SyntaxError || isFailedSignUp(error);
  if (!isRetryable && !isCut) throw error;
}

const isFailedSignUp = (error: unknown) => error instanceof Error && error.message.startsWith('the sign-up of');
