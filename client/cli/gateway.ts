import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVariable, requireVariable, settingError } from '../config/env.ts';
import type { Environment } from '../config/env.ts';
import { ENVIRONMENT_HEADER, parseEnvironment } from '../config/deployment-environment.ts';
import type { DeploymentEnvironment } from '../config/deployment-environment.ts';
import { receiptKeys } from '../config/receipt-keys.ts';
import { OnwardClient } from '../http-client/index.ts';
import type { ReceiptKey } from '../receipts/keys.ts';
import type { Role } from '../../workflows/journey/roles.ts';
import { readAll } from '../config/setting-error.ts';
import { parseHttpUrl } from '../config/setting-formats.ts';

interface GatewayFile {
  readonly url: string;
  readonly tokens: { readonly [R in Role]?: string };
}

/** The part of `made.json` that the CLI reads: what `npm start` generated on this machine. */
interface GeneratedSecrets {
  readonly encryptionKey?: string;
  readonly receiptKey?: string;
  readonly ports?: { readonly temporal?: number };
}

/** No gateway or no token is configured. */
export class NoGatewayError extends Error {}

const dataFolder = (env: Environment) => readVariable(env, 'ONWARD_DATA') ?? '.onward';

/**
 * Returns a client for the gateway at `ONWARD_URL` or, without it, for the one that `npm start` started in this folder.
 *
 * @param onEnvironment called with the environment that a response names
 * @throws SettingError
 * @throws NoGatewayError
 */
export function createClientFor(
  env: Environment,
  role: Role,
  onEnvironment: (environment: DeploymentEnvironment) => void = () => {},
): OnwardClient {
  const fetchWithEnvironment: typeof fetch = async (...args) => {
    const response = await fetch(...args);
    const environment = parseEnvironment(response.headers.get(ENVIRONMENT_HEADER) ?? '');
    if (environment !== undefined) onEnvironment(environment);
    return response;
  };
  return new OnwardClient({ ...endpointFor(env, role), fetch: fetchWithEnvironment });
}

/** Returns the URL of that gateway and its token. Throws as `createClientFor` does. */
export function endpointFor(env: Environment, role: Role): { readonly url: string; readonly token: string } {
  if (readVariable(env, 'ONWARD_URL') !== undefined) {
    return readAll({
      url: () => gatewayUrl(env),
      token: () => requireVariable(env, 'ONWARD_TOKEN', '<a bearer token>'),
    });
  }
  const file = join(dataFolder(env), 'gateway.json');
  const gateway = readJsonFile(file) as GatewayFile | undefined;
  if (gateway === undefined)
    throw new NoGatewayError(
      `no gateway is configured: ${file} does not exist; run onward dev (in the repository: npm start) or set ONWARD_URL`,
    );
  const token = readVariable(env, 'ONWARD_TOKEN') ?? gateway.tokens[role];
  if (token === undefined) throw new NoGatewayError(`${file} has no token for the role ${role}; set ONWARD_TOKEN`);
  return { url: gateway.url, token };
}

function gatewayUrl(env: Environment): string {
  const url = readVariable(env, 'ONWARD_URL') ?? '';
  if (parseHttpUrl(url) !== undefined) return url;
  throw settingError('ONWARD_URL', 'must be an http or https URL');
}

/**
 * Returns the variables of the Temporal connection. If none names a server, they point to the one that `npm start`
 * started in this folder, with its generated encryption key: no other key decrypts its payloads.
 */
export function temporalEnvironment(env: Environment): Environment {
  const variables = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];
  if (variables.some((name) => readVariable(env, name) !== undefined)) return env;
  const generated: GeneratedSecrets | undefined = readJsonFile(join(dataFolder(env), 'made.json'));
  if (generated?.ports?.temporal === undefined) return env;
  const key = readVariable(env, 'ONWARD_ENCRYPTION_KEYS') ?? generated.encryptionKey;
  return { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${generated.ports.temporal}`, ONWARD_ENCRYPTION_KEYS: key };
}

/** Returns the receipt keys of this environment: those of `ONWARD_RECEIPT_KEYS`, or those that `npm start` made in this folder. */
export function ownReceiptKeys(env: Environment): ReceiptKey[] {
  const configured = receiptKeys(env);
  if (configured.length > 0) return configured;
  const generated: GeneratedSecrets | undefined = readJsonFile(join(dataFolder(env), 'made.json'));
  return receiptKeys({ ONWARD_RECEIPT_KEYS: generated?.receiptKey });
}

function readJsonFile(file: string): object | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    return undefined;
  }
}
