import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from './private-folder.ts';
import { roles } from '../../workflows/journey/roles.ts';

/** The ports of the components on 127.0.0.1. */
export interface Ports {
  readonly temporal?: number;
  readonly ui?: number;
  readonly sfox?: number;
  readonly gateway?: number;
}

/** Secrets and ports that the sandbox generated and uses again at the next start. It contains nothing from the environment. */
export interface GeneratedSecrets {
  /** In the form of `ONWARD_ENCRYPTION_KEYS`: an id and 32 bytes in base64. */
  readonly encryptionKey?: string;
  /** The simulator's key. */
  readonly apiKey?: string;
  /** In the form of `ONWARD_TOKENS`, with a token for each role. */
  readonly tokens?: string;
  /** In the form of `ONWARD_WEBHOOK_SECRETS`. */
  readonly webhookSecret?: string;
  /** In the form of `ONWARD_RECEIPT_KEYS`. */
  readonly receiptKey?: string;
  readonly ports: Ports;
}

/** A newly generated secret, with the environment variable that would override it. */
export interface NewSecret {
  readonly name:
    | 'ENTERPRISE_API_KEY'
    | 'ONWARD_ENCRYPTION_KEYS'
    | 'ONWARD_RECEIPT_KEYS'
    | 'ONWARD_TOKENS'
    | 'ONWARD_WEBHOOK_SECRETS';
  readonly value: string;
}

const fileIn = (folder: string) => join(folder, 'made.json');

/** Reads the generated secrets and ports. Throws if the file exists and is invalid. */
export async function readGenerated(folder: string): Promise<GeneratedSecrets> {
  const file = fileIn(folder);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{"ports":{}}';
    throw error;
  });
  const generated = parse(text);
  if (generated !== undefined) return generated;
  throw new Error(`${file} is not valid JSON with "ports": repair it, or set ONWARD_DATA to an empty folder`);
}

/** Writes the generated secrets and ports, readable only by the owner. */
export async function saveGenerated(folder: string, made: GeneratedSecrets): Promise<void> {
  const file = fileIn(folder);
  await writePrivately(file, `${JSON.stringify(made, null, 2)}\n`);
}

/** Generates the wanted secrets that do not exist yet. */
export function generateMissing(
  made: GeneratedSecrets,
  wanted: readonly NewSecret['name'][],
): { made: GeneratedSecrets; fresh: NewSecret[] } {
  const fresh: NewSecret[] = [];
  const make = (name: NewSecret['name'], before: string | undefined, value: () => string) => {
    if (before !== undefined || !wanted.includes(name)) return before;
    fresh.push({ name, value: value() });
    return fresh.at(-1)?.value;
  };
  const apiKey = make('ENTERPRISE_API_KEY', made.apiKey, () => `sandbox_${randomBytes(24).toString('hex')}`);
  const key = () => `sandbox-${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}`;
  const encryptionKey = make('ONWARD_ENCRYPTION_KEYS', made.encryptionKey, key);
  const receiptKey = make('ONWARD_RECEIPT_KEYS', made.receiptKey, key);
  const token = (role: string) => `${role}:sandbox:${role}_${randomBytes(24).toString('hex')}`;
  const tokens = make('ONWARD_TOKENS', made.tokens, () => roles.map(token).join(' '));
  const webhookSecret = make('ONWARD_WEBHOOK_SECRETS', made.webhookSecret, () => {
    return `whsec_${randomBytes(32).toString('base64')}`;
  });
  const values = Object.entries({ apiKey, encryptionKey, receiptKey, tokens, webhookSecret });
  return { made: { ...made, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) }, fresh };
}

function parse(text: string): GeneratedSecrets | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'ports' in value ? (value as GeneratedSecrets) : undefined;
  } catch {
    return undefined;
  }
}
