import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { createGateway } from '../../client/gateway/app.ts';
import type { GatewayOptions } from '../../client/gateway/app.ts';
import { createReadinessCheck } from '../../client/gateway/plugins/readiness.ts';
import { digestOf } from '../../client/gateway/plugins/tokens.ts';
import type { Role } from '../../workflows/journey/roles.ts';
import { defaultEventRules } from '../../client/config/policy-file.ts';
import { keys, startStack } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';

export const bearers = {
  app: 'app-token-of-the-tests',
  viewer: 'viewer-token-of-the-tests',
  operator: 'operator-token-of-the-tests',
} as const satisfies Record<Role, string>;
export const webhookSecret = `whsec_${Buffer.from('a secret of sign-up events').toString('base64')}`;

/** What `call` gives: a reply that the OpenAPI document has, field by field. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // The document says what is in it, and every reply was checked against that.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface Ask {
  readonly as?: Role | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export interface Gateway {
  readonly url: string;
  readonly stack: Stack;
  /** All that the gateway has logged. */
  readonly logged: string[];
  call(method: string, path: string, ask?: Ask): Promise<Reply>;
  /** Sends a sign-up event as its signer does. */
  deliver(
    event: unknown,
    ask?: { id?: string; secret?: string; at?: Date; type?: string; headers?: 'webhook' | 'svix' },
  ): Promise<Reply>;
  close(): Promise<void>;
}

/** A gateway on a port of its own, over a stack of its own. */
export async function startGateway(
  stackOptions: StackOptions = {},
  more: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const stack = await startStack(stackOptions);
  const gateway = await openGateway(stack, more);
  const close = async () => {
    await gateway.close();
    await stack.close();
  };
  return { ...gateway, close };
}

/** A gateway on a port of its own, over a stack that others use too and that stays open. */
export async function openGateway(stack: Stack, more: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const logged: string[] = [];
  const app = await createGateway({
    onward: stack.onward,
    tokens: (Object.entries(bearers) as [Role, string][]).map(([role, token]) => ({
      role,
      name: `${role}-name`,
      digest: digestOf(token),
    })),
    webhookSecrets: [`whsec_${Buffer.from('an older secret of the events').toString('base64')}`, webhookSecret],
    eventRules: defaultEventRules,
    journeyLife: 7 * 24 * 3_600_000,
    rate: { calls: 100_000, within: 10_000 },
    isReady: createReadinessCheck(stack.client),
    encryptionKeys: keys,
    consolePages: resolve('dist/client/console/pages'),
    logger: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    ...more,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const check = checker(JSON.parse(JSON.stringify(app.swagger())) as Document);

  const call = async (
    method: string,
    path: string,
    { as = 'app', body, headers, signal }: Ask = {},
  ): Promise<Reply> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(signal && { signal }),
      headers: {
        ...(as !== null && { authorization: `Bearer ${bearers[as]}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const read: unknown = type.endsWith('json') ? JSON.parse(text) : text;
    check(method, path, response.status, type, read);
    return { status: response.status, headers: response.headers, body: read };
  };
  return {
    url,
    stack,
    logged,
    call,
    deliver: (
      event,
      {
        id = 'msg_1',
        secret = webhookSecret,
        at = new Date(),
        type = 'application/json',
        headers: by = 'webhook',
      } = {},
    ) => {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      const signature = new Webhook(secret).sign(id, at, body);
      const headers = {
        'content-type': type,
        [`${by}-id`]: id,
        [`${by}-timestamp`]: String(Math.floor(at.getTime() / 1_000)),
        [`${by}-signature`]: signature,
      };
      return call('POST', '/v1/events', { as: null, body, headers });
    },
    close: () => app.close(),
  };
}

interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, object> }> }>>;
}

/** Checks replies against the OpenAPI document; one that it does not have fails the test. */
export function checker(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]*')}$`),
  }));
  const pointer = (...parts: string[]) =>
    parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  return (method: string, path: string, status: number, type: string, body: unknown): void => {
    const [bare = ''] = path.split('?');
    const matching = templates.filter(({ pattern }) => pattern.test(bare));
    const template = (matching.find(({ template }) => template === bare) ?? matching[0])?.template;
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) {
      if (status === 404 || status === 400) return;
      throw new Error(`${method} ${path} is not in the document, and answers ${status}`);
    }
    if (status === 204 && operation.responses['204'] !== undefined && body === '') return;
    if (operation.responses[String(status)]?.content?.[type] === undefined) {
      throw new Error(
        `${method} ${template} answers ${status} ${type}, which the document does not have: ${JSON.stringify(body)}`,
      );
    }
    const place = pointer(
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
      'schema',
    );
    const validate = ajv.getSchema(`openapi#/${place.replaceAll('{', '%7B').replaceAll('}', '%7D')}`);
    if (validate === undefined) throw new Error(`no schema at ${place}`);
    if (validate(body) !== true) {
      throw new Error(
        `${method} ${template} ${status} is not as the document says: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`,
      );
    }
  };
}
