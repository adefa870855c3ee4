import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { read, required } from '../environment.ts';
import type { Environment } from '../environment.ts';
import { OnwardClient } from '../http/index.ts';

/** Which of the three tokens a word needs. */
export type Role = 'app' | 'viewer' | 'operator';

interface Door {
  readonly url: string;
  readonly tokens: { readonly [R in Role]?: string };
}

/** What a stack on this machine has made for itself, as far as it matters here. */
interface Made {
  readonly encryptionKey?: string;
  readonly ports?: { readonly temporal?: number };
}

/** There is nothing to talk to. */
export class Nowhere extends Error {}

const folderOf = (env: Environment) => read(env, 'ONWARD_DATA') ?? '.onward';

/**
 * The gateway that `ONWARD_URL` names, or else the one that was started in this folder.
 *
 * @throws SettingError
 * @throws Nowhere
 */
export function clientFor(env: Environment, role: Role): OnwardClient {
  const url = read(env, 'ONWARD_URL');
  if (url !== undefined) return new OnwardClient({ url, token: required(env, 'ONWARD_TOKEN', '<a bearer token>') });
  const file = join(folderOf(env), 'door.json');
  const door = contentOf(file) as Door | undefined;
  if (door === undefined) throw new Nowhere(`nothing runs here (no ${file}): npm start, or set ONWARD_URL`);
  const token = read(env, 'ONWARD_TOKEN') ?? door.tokens[role];
  if (token === undefined) throw new Nowhere(`${file} has no token of the role ${role}: set ONWARD_TOKEN`);
  return new OnwardClient({ url: door.url, token });
}

/**
 * The variables with which Temporal is reached. Where none names a server, it is the one that was started in this
 * folder; its key goes with it, since another would read nothing there.
 */
export function temporalEnvironment(env: Environment): Environment {
  const named = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];
  if (named.some((name) => read(env, name) !== undefined)) return env;
  const made: Made | undefined = contentOf(join(folderOf(env), 'made.json'));
  if (made?.ports?.temporal === undefined) return env;
  const key = read(env, 'ONWARD_ENCRYPTION_KEYS') ?? made.encryptionKey;
  return { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${made.ports.temporal}`, ONWARD_ENCRYPTION_KEYS: key };
}

function contentOf(file: string): object | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    return undefined;
  }
}
