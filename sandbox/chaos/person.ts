import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../client/http/index.ts';
import type { Channel, Status } from '../../client/http/types.ts';
import type { Fleet, SignedUp } from '../fleet/fleet.ts';
import type { RemoteSfox } from '../sfox/remote.ts';
import type { Part } from './cast.ts';

export interface Stage {
  readonly fleet: Fleet<RemoteSfox>;
  /** Aborted when the time is up. */
  readonly over: AbortSignal;
}

const LOOK = 250;
/** In seconds. */
const WAIT = 3;
/** How long people wait for a code before they ask for another. */
const PATIENCE = 5_000;
/** Between a code and the wish for another, as of one who has lost it. */
const FORGETS_AFTER = 1_000;

/** One who signs up, enters what comes, and asks again when a door was shut; and the operator who looks after them. */
export class Person {
  readonly userId: string;
  /** What each delivery of the sign-up was answered. */
  readonly answers: SignedUp[] = [];
  /** Where the journey stood when it was last looked at. */
  seen: Status | undefined;
  /** What is being done, or waited for. */
  doing = 'signs up';
  readonly #part: Part;
  readonly #stage: Stage;
  readonly #entered = new Set<string>();
  #guess = 0;
  #asked = false;
  #sinceNews = Date.now();

  constructor(part: Part, stage: Stage) {
    this.userId = part.userId;
    this.#part = part;
    this.#stage = stage;
  }

  /** Signs up, and lives until the journey has come to where it stays. */
  async live(): Promise<void> {
    await this.#insist(() => this.#signUp());
    let revision: number | undefined;
    for (;;) {
      this.doing = `looks beyond revision ${revision}`;
      const status = await this.#insist(() => this.#look(revision));
      this.doing = 'acts';
      this.seen = status;
      if (this.#part.role.ends(status)) return;
      if (status.revision !== revision) this.#sinceNews = Date.now();
      await this.#act(status).catch(forgive);
      revision = status.revision ?? undefined;
      await pause(LOOK);
    }
  }

  async verifiesElsewhere(channel: Channel): Promise<void> {
    await this.#stage.fleet.sfox.verify(this.userId, channel);
    await this.#app.recheck(this.userId);
  }

  /** Loses the first code, and asks for another. */
  async asksForAnother({ allowed }: Status): Promise<boolean> {
    if (this.#asked || allowed?.submitCode?.channel !== 'email') return false;
    if (Date.parse(allowed.resend?.at ?? '') + FORGETS_AFTER > Date.now()) return true;
    await this.#app.resend(this.userId, { channel: 'email' }, { idempotencyKey: `${this.userId}-another` });
    return (this.#asked = true);
  }

  /** Enters wrong codes alone. */
  async guesses({ allowed, stalled }: Status): Promise<boolean> {
    if (allowed?.submitCode?.channel !== 'email') return stalled === null && !isSpent(allowed);
    this.#guess += 1;
    const code = String(this.#guess).padStart(4, '0');
    await this.#app.submitCode(this.userId, { channel: 'email', code });
    return true;
  }

  async isPaused(): Promise<void> {
    await this.#operator.pause(this.userId, { reason: 'the number is looked into' });
  }

  async isCancelled(): Promise<void> {
    await this.#operator.cancel(this.userId, { reason: 'signed up twice' });
  }

  get #app() {
    return this.#stage.fleet.as('app');
  }

  get #operator() {
    return this.#stage.fleet.as('operator');
  }

  async #signUp(): Promise<void> {
    const { role, entrance, deliveries } = this.#part;
    if (entrance === 'call') return void (await this.#app.start(this.userId, { accountType: role.accountType }));
    while (this.answers.length < deliveries) {
      this.answers.push(await this.#stage.fleet.signUp(this.userId, role.accountType));
    }
  }

  #look(after: number | undefined): Promise<Status> {
    const { over: signal } = this.#stage;
    if (after === undefined) return this.#app.status(this.userId, { signal });
    return this.#app.waitFor(this.userId, { after, wait: WAIT, signal });
  }

  async #act(status: Status): Promise<void> {
    const { allowed, stalled, step } = status;
    if ((await this.#part.role.acts?.(this, status)) === true) return;
    if (stalled?.reason === 'providerRefused' || step === 'locked') {
      return void (await this.#operator.retry(this.userId, { reason: 'asked for it by phone' }));
    }
    const channel = allowed?.submitCode?.channel;
    if (channel !== undefined && (await this.#enterCode(channel))) return;
    const opens = Date.parse(allowed?.resend?.at ?? '');
    const patient = this.#sinceNews + PATIENCE > Date.now();
    if (opens <= Date.now() && (isSpent(allowed) || !patient)) {
      this.doing = 'asks for another code';
      await this.#app.resend(this.userId);
    }
  }

  /** Gives whether there was a code that had not been judged. */
  async #enterCode(channel: Channel): Promise<boolean> {
    const mails = await this.#stage.fleet.sfox.outbox(this.userId);
    const code = mails.findLast((mail) => mail.channel === channel)?.code;
    if (code === undefined || this.#entered.has(code)) return false;
    const idempotencyKey = `${this.userId}-${code}`;
    this.doing = 'submits a code';
    const { outcome } = await this.#app.submitCode(this.userId, { channel, code }, { idempotencyKey });
    if (outcome !== 'pending') this.#entered.add(code);
    return true;
  }

  /** Asks until there is an answer. */
  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#stage.over.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        this.#stage.over.throwIfAborted();
        forgive(error);
        await pause(LOOK);
      }
    }
  }
}

/** Every guess on the code is spent: only another code helps. */
const isSpent = (allowed: Status['allowed']) => allowed?.resend !== undefined && allowed.submitCode === undefined;

/** A door that is shut, and one whose house fell down while it spoke, are asked again; anything else is a fault. */
function forgive(error: unknown): void {
  const isShut = error instanceof Problem && error.status !== 400 && error.status !== 401;
  const isCut = error instanceof TypeError || error instanceof SyntaxError || isUnanswered(error);
  if (!isShut && !isCut) throw error;
}

const isUnanswered = (error: unknown) => error instanceof Error && error.message.startsWith('the sign-up of');
