import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { roles } from '../../client/gateway/tokens.ts';
import type { Role } from '../../client/gateway/tokens.ts';
import { OnwardClient } from '../../client/http/index.ts';
import { startSfox } from '../sfox/index.ts';
import type { Sfox, SfoxOptions } from '../sfox/index.ts';
import { startTemporal } from '../temporal/index.ts';
import type { TemporalServer } from '../temporal/index.ts';
import { Undo } from '../undo.ts';
import { startProcess } from './process.ts';
import type { OwnProcess, ProcessKind } from './process.ts';

export interface FleetOptions {
  /** What the fleet leaves behind is kept here. */
  readonly folder: string;
  readonly binary: string;
  readonly composeFile: string;
  /** As in the file that `ONWARD_POLICY` names. */
  readonly policy: string;
  readonly workers: number;
  readonly gateways: number;
  readonly sfox?: SfoxOptions;
}

/** Onward as production runs it: a Temporal server, workers and gateways as processes of their own, before a simulator. */
export class Fleet {
  readonly sfox: Sfox;
  readonly server: TemporalServer;
  /** What every process is given. */
  readonly env: Readonly<Record<string, string>>;
  readonly processes = new Set<OwnProcess>();
  readonly #secret: string;
  readonly #tokens: { readonly [R in Role]: string };
  readonly #undo: Undo;

  private constructor(parts: Pick<Fleet, 'sfox' | 'server' | 'env'> & Made, undo: Undo) {
    ({ sfox: this.sfox, server: this.server, env: this.env, tokens: this.#tokens, secret: this.#secret } = parts);
    this.#undo = undo;
  }

  /** Starts all of it, and makes the server ready as an operator would. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const undo = new Undo();
    try {
      const { folder, binary, composeFile, workers, gateways } = options;
      const server = await startTemporal({ binary, composeFile, uiPort: false, dbFile: join(folder, 'temporal.db') });
      undo.add(() => server.stop());
      const sfox = await startSfox(options.sfox);
      undo.add(() => sfox.close());
      const made = makeSecrets();
      const env = await environmentOf(options, server, sfox, made);
      await promisify(execFile)(process.execPath, [resolve('dist/client/cli/main.js'), 'setup'], { env });
      const fleet = new Fleet({ server, sfox, env, ...made }, undo);
      undo.add(() => Promise.all([...fleet.processes].map((each) => each.stop())));
      const kinds = [...Array<ProcessKind>(workers).fill('worker'), ...Array<ProcessKind>(gateways).fill('gateway')];
      await Promise.all(kinds.map((kind) => fleet.add(kind)));
      return fleet;
    } catch (error) {
      await undo.all();
      throw error;
    }
  }

  /** Starts one more process. */
  async add(kind: ProcessKind): Promise<OwnProcess> {
    const one = await startProcess(kind, this.env);
    this.processes.add(one);
    return one;
  }

  /** Ends one of the processes of a kind as a crash does, and starts another in its place. */
  async crash(kind: ProcessKind): Promise<void> {
    const victim = this.#first(kind);
    this.processes.delete(victim);
    await victim.kill();
    await this.add(kind);
  }

  /** A caller of a role, at one of the gateways. */
  as(role: Role): OnwardClient {
    return new OnwardClient({ url: this.#first('gateway').url, token: this.#tokens[role] });
  }

  /** Delivers a sign-up event, signed as its sender does. Throws where it is not taken. */
  async signUp(userId: string, accountType: 'individual' | 'business' = 'individual'): Promise<void> {
    const [id, at] = [`msg_${randomUUID()}`, new Date()];
    const body = JSON.stringify({ type: 'user.created', timestamp: at.toISOString(), data: { userId, accountType } });
    const reply = await fetch(`${this.#first('gateway').url}/v1/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(this.#secret).sign(id, at, body),
      },
    });
    if (reply.status !== 202) throw new Error(`the sign-up of ${userId} was answered ${reply.status}`);
  }

  close(): Promise<void> {
    return this.#undo.all();
  }

  #first(kind: ProcessKind): OwnProcess {
    const found = [...this.processes].find((each) => each.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} runs`);
    return found;
  }
}

interface Made {
  readonly tokens: { readonly [R in Role]: string };
  readonly secret: string;
}

function makeSecrets(): Made {
  const tokens = Object.fromEntries(roles.map((role) => [role, randomBytes(24).toString('hex')]));
  return { tokens: tokens as Made['tokens'], secret: `whsec_${randomBytes(32).toString('base64')}` };
}

async function environmentOf(
  { folder, policy }: FleetOptions,
  server: TemporalServer,
  sfox: Sfox,
  { tokens, secret }: Made,
): Promise<Record<string, string>> {
  const policyFile = join(folder, 'policy.yml');
  await writeFile(policyFile, policy);
  return {
    TEMPORAL_ADDRESS: server.address,
    SFOX_BASE_URL: sfox.url,
    ENTERPRISE_API_KEY: sfox.apiKey,
    ONWARD_ENCRYPTION_KEYS: `fleet:${randomBytes(32).toString('base64')}`,
    ONWARD_TOKENS: roles.map((role) => `${role}:fleet:${tokens[role]}`).join(' '),
    ONWARD_WEBHOOK_SECRETS: secret,
    ONWARD_POLICY: policyFile,
    ONWARD_RATE: '100000/10s',
  };
}
