import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { roles } from '../client/gateway/tokens.ts';

/** Where things listen on 127.0.0.1. */
export interface Ports {
  readonly temporal?: number;
  readonly ui?: number;
  readonly sfox?: number;
  readonly gateway?: number;
}

/** What the sandbox made for itself and uses again at its next start. Nothing that was given is among it. */
export interface Made {
  /** As in `ONWARD_ENCRYPTION_KEYS`: an id and 32 bytes in base64. */
  readonly encryptionKey?: string;
  /** The simulator's key. */
  readonly apiKey?: string;
  /** As in `ONWARD_TOKENS`: one of each role. */
  readonly tokens?: string;
  /** As in `ONWARD_WEBHOOK_SECRETS`. */
  readonly webhookSecret?: string;
  readonly ports: Ports;
}

/** A secret that was made just now, by the name of the variable that would give one. */
export interface Fresh {
  readonly name: 'ENTERPRISE_API_KEY' | 'ONWARD_ENCRYPTION_KEYS' | 'ONWARD_TOKENS' | 'ONWARD_WEBHOOK_SECRETS';
  readonly value: string;
}

const fileIn = (folder: string) => join(folder, 'made.json');

/** Reads what was made before. Throws when the file is there and cannot be read. */
export async function readMade(folder: string): Promise<Made> {
  const file = fileIn(folder);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{"ports":{}}';
    throw error;
  });
  const made = parse(text);
  if (made !== undefined) return made;
  throw new Error(`${file} is damaged: put it right, or begin anew with another ONWARD_DATA`);
}

/** Keeps what was made, readable by its owner alone. */
export async function keepMade(folder: string, made: Made): Promise<void> {
  const file = fileIn(folder);
  await writeFile(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Makes what is wanted and was not made before. */
export function makeMissing(made: Made, wanted: readonly Fresh['name'][]): { made: Made; fresh: Fresh[] } {
  const fresh: Fresh[] = [];
  const make = (name: Fresh['name'], before: string | undefined, value: () => string) => {
    if (before !== undefined || !wanted.includes(name)) return before;
    fresh.push({ name, value: value() });
    return fresh.at(-1)?.value;
  };
  const apiKey = make('ENTERPRISE_API_KEY', made.apiKey, () => `sandbox_${randomBytes(24).toString('hex')}`);
  const encryptionKey = make('ONWARD_ENCRYPTION_KEYS', made.encryptionKey, () => {
    return `sandbox-${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}`;
  });
  const token = (role: string) => `${role}:sandbox:${role}_${randomBytes(24).toString('hex')}`;
  const tokens = make('ONWARD_TOKENS', made.tokens, () => roles.map(token).join(' '));
  const webhookSecret = make('ONWARD_WEBHOOK_SECRETS', made.webhookSecret, () => {
    return `whsec_${randomBytes(32).toString('base64')}`;
  });
  const values = Object.entries({ apiKey, encryptionKey, tokens, webhookSecret });
  return { made: { ...made, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) }, fresh };
}

function parse(text: string): Made | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'ports' in value ? (value as Made) : undefined;
  } catch {
    return undefined;
  }
}
