import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import type { Role } from '../../../workflows/journey/roles.ts';
import { OnwardClient } from '../../../client/http-client/index.ts';
import { Cleanup } from '../../../sandbox/process/cleanup.ts';
import { generateSecrets, buildEnvironment } from './environment.ts';
import type { FleetSecrets } from './environment.ts';
import { startProcess } from './process.ts';
import type { FleetProcess, ProcessKind } from './process.ts';

/** A running provider. */
export interface Provider {
  readonly url: string;
  readonly apiKey: string;
}

export interface FleetOptions<P extends Provider> {
  /** Where the fleet stores its files. */
  readonly folder: string;
  /** The address of a running Temporal server. */
  readonly address: string;
  readonly sfox: P;
  /** The content of the file that `ONWARD_POLICY` names. */
  readonly policy: string;
  readonly workers: number;
  readonly gateways: number;
  /** Additional variables for every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sends the requests to gateways. Defaults to the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** A gateway's answer to a sign-up event. */
export type SignUpResult = 'started' | 'existing' | 'ignored';

/** Onward as in production: workers and gateways as separate processes, with a Temporal server and a provider. */
export class Fleet<P extends Provider> {
  readonly sfox: P;
  /** The environment variables of every process. */
  readonly env: Readonly<Record<string, string>>;
  readonly processes = new Set<FleetProcess>();
  readonly secrets: FleetSecrets;
  readonly #started: FleetProcess[] = [];
  readonly #fetch: typeof fetch;
  readonly #cleanup = new Cleanup();
  #requests = 0;

  private constructor(
    { sfox, fetch = globalThis.fetch }: FleetOptions<P>,
    secrets: FleetSecrets,
    env: Fleet<P>['env'],
  ) {
    this.sfox = sfox;
    this.secrets = secrets;
    this.env = env;
    this.#fetch = fetch;
    this.#cleanup.add(() => Promise.all([...this.processes].map((each) => each.stop())));
  }

  /** Runs `onward setup`, as an operator does, and starts all processes. */
  static async start<P extends Provider>(options: FleetOptions<P>): Promise<Fleet<P>> {
    const { workers, gateways } = options;
    const secrets = generateSecrets();
    const fleet = new Fleet(options, secrets, { ...(await buildEnvironment(options, secrets)), ...options.env });
    try {
      await fleet.runCli('setup');
      const kinds = [...Array<ProcessKind>(workers).fill('worker'), ...Array<ProcessKind>(gateways).fill('gateway')];
      await Promise.all(kinds.map((kind) => fleet.add(kind)));
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  /** Runs an `onward` command against Temporal, and returns its stdout. */
  async runCli(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [resolve('dist/client/cli/main.js'), ...args], {
      env: this.env,
    });
    return stdout;
  }

  async add(kind: ProcessKind, variables: Readonly<Record<string, string>> = {}): Promise<FleetProcess> {
    const added = await startProcess(kind, { ...this.env, ...variables });
    this.processes.add(added);
    this.#started.push(added);
    return added;
  }

  /** Kills a process of this kind, and starts another in its place. */
  async crash(kind: ProcessKind): Promise<void> {
    const [victim] = this.#processesOf(kind);
    this.processes.delete(victim);
    await victim.kill();
    await this.add(kind);
  }

  /** Stops a process gracefully, and returns its exit code. */
  stopProcess(process: FleetProcess): Promise<number | null> {
    this.processes.delete(process);
    return process.stop();
  }

  /** Returns a client with this role's token; clients are distributed over the gateways in turn. */
  client(role: Role): OnwardClient {
    return new OnwardClient({ url: this.#nextGateway().url, token: this.secrets.tokens[role], fetch: this.#fetch });
  }

  /** Delivers a signed sign-up event. Throws if a gateway does not accept it. */
  async signUp(userId: string, accountType: 'individual' | 'business' = 'individual'): Promise<SignUpResult> {
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
    return ((await reply.json()) as { journey: SignUpResult }).journey;
  }

  /** The output of all processes, including those that have ended. */
  outputs(): string[] {
    return this.#started.map((each) => each.output());
  }

  /** The current metrics of each running process, in Prometheus' text format. */
  metrics(): Promise<string[]> {
    const headers = { authorization: `Bearer ${this.secrets.tokens.viewer}` };
    const read = async ({ url, kind }: FleetProcess) =>
      (await fetch(`${url}/metrics`, kind === 'gateway' ? { headers } : {})).text();
    return Promise.all([...this.processes].map(read));
  }

  close(): Promise<void> {
    return this.#cleanup.run();
  }

  #nextGateway(): FleetProcess {
    const gateways = this.#processesOf('gateway');
    this.#requests += 1;
    return gateways[this.#requests % gateways.length] ?? gateways[0];
  }

  #processesOf(kind: ProcessKind): [FleetProcess, ...FleetProcess[]] {
    const [first, ...others] = [...this.processes].filter((each) => each.kind === kind);
    if (first === undefined) throw new Error(`no ${kind} runs`);
    return [first, ...others];
  }
}
