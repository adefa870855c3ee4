import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import type { Role } from '../../client/gateway/tokens.ts';
import { OnwardClient } from '../../client/http/index.ts';
import { Undo } from '../undo.ts';
import { makeSecrets, variables } from './making.ts';
import type { Secrets } from './making.ts';
import { startProcess } from './process.ts';
import type { OwnProcess, ProcessKind } from './process.ts';

/** A provider that is there. */
export interface Provider {
  readonly url: string;
  readonly apiKey: string;
}

export interface FleetOptions<P extends Provider> {
  /** What the fleet leaves behind is kept here. */
  readonly folder: string;
  /** A Temporal server that is there. */
  readonly address: string;
  readonly sfox: P;
  /** As in the file that `ONWARD_POLICY` names. */
  readonly policy: string;
  readonly workers: number;
  readonly gateways: number;
  /** More variables for every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What its doors are knocked at with, instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** What a gateway answered to a sign-up event. */
export type SignedUp = 'started' | 'existing' | 'ignored';

/** Onward as production runs it: workers and gateways as processes of their own, between a Temporal server and a provider. */
export class Fleet<P extends Provider> {
  readonly sfox: P;
  /** What every process is given. */
  readonly env: Readonly<Record<string, string>>;
  readonly processes = new Set<OwnProcess>();
  /** What callers and senders hold. */
  readonly secrets: Secrets;
  readonly #ever: OwnProcess[] = [];
  readonly #fetch: typeof fetch;
  readonly #undo = new Undo();
  #turn = 0;

  private constructor({ sfox, fetch = globalThis.fetch }: FleetOptions<P>, secrets: Secrets, env: Fleet<P>['env']) {
    this.sfox = sfox;
    this.secrets = secrets;
    this.env = env;
    this.#fetch = fetch;
    this.#undo.add(() => Promise.all([...this.processes].map((each) => each.stop())));
  }

  /** Makes the server ready as an operator would, and starts all processes. */
  static async start<P extends Provider>(options: FleetOptions<P>): Promise<Fleet<P>> {
    const { workers, gateways } = options;
    const secrets = makeSecrets();
    const fleet = new Fleet(options, secrets, { ...(await variables(options, secrets)), ...options.env });
    try {
      await fleet.command('setup');
      const kinds = [...Array<ProcessKind>(workers).fill('worker'), ...Array<ProcessKind>(gateways).fill('gateway')];
      await Promise.all(kinds.map((kind) => fleet.add(kind)));
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  /** Runs `onward` on Temporal itself, and gives what it prints. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [resolve('dist/client/cli/main.js'), ...args], {
      env: this.env,
    });
    return stdout;
  }

  /** Starts one more process. */
  async add(kind: ProcessKind, more: Readonly<Record<string, string>> = {}): Promise<OwnProcess> {
    const one = await startProcess(kind, { ...this.env, ...more });
    this.processes.add(one);
    this.#ever.push(one);
    return one;
  }

  /** Ends one of the processes of a kind as a crash does, and starts another in its place. */
  async crash(kind: ProcessKind): Promise<void> {
    const [victim] = this.#all(kind);
    this.processes.delete(victim);
    await victim.kill();
    await this.add(kind);
  }

  /** Asks a process to end, and gives its exit code. */
  retire(one: OwnProcess): Promise<number | null> {
    this.processes.delete(one);
    return one.stop();
  }

  /** A caller of a role; each stands at the next gateway. */
  as(role: Role): OnwardClient {
    return new OnwardClient({ url: this.#nextGateway().url, token: this.secrets.tokens[role], fetch: this.#fetch });
  }

  /** Delivers a sign-up event, signed as its sender does. Throws where it is not taken. */
  async signUp(userId: string, accountType: 'individual' | 'business' = 'individual'): Promise<SignedUp> {
    const [id, at] = [`msg_${randomUUID()}`, new Date()];
    const body = JSON.stringify({ type: 'user.created', timestamp: at.toISOString(), data: { userId, accountType } });
    const reply = await this.#fetch(`${this.#nextGateway().url}/v1/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(this.secrets.webhook).sign(id, at, body),
      },
    });
    if (reply.status !== 202) throw new Error(`the sign-up of ${userId} was answered ${reply.status}`);
    return ((await reply.json()) as { journey: SignedUp }).journey;
  }

  /** All that its processes have printed, those that have ended too. */
  outputs(): string[] {
    return this.#ever.map((one) => one.output());
  }

  /** What each process tells of itself now, in Prometheus' text format. */
  metrics(): Promise<string[]> {
    const headers = { authorization: `Bearer ${this.secrets.tokens.viewer}` };
    const read = async ({ url, kind }: OwnProcess) =>
      (await fetch(`${url}/metrics`, kind === 'gateway' ? { headers } : {})).text();
    return Promise.all([...this.processes].map(read));
  }

  close(): Promise<void> {
    return this.#undo.all();
  }

  #nextGateway(): OwnProcess {
    const gateways = this.#all('gateway');
    this.#turn += 1;
    return gateways[this.#turn % gateways.length] ?? gateways[0];
  }

  #all(kind: ProcessKind): [OwnProcess, ...OwnProcess[]] {
    const [first, ...others] = [...this.processes].filter((each) => each.kind === kind);
    if (first === undefined) throw new Error(`no ${kind} runs`);
    return [first, ...others];
  }
}
