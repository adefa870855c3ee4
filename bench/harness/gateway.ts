import { Agent, request } from 'node:http';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

export const tokens = { app: 'app-token-of-the-bench', operator: 'operator-token-of-the-bench' } as const;

export interface GatewayOptions {
  readonly address: string;
  readonly taskQueue: string;
}

/** The fields of a status that the benchmark reads. */
export interface StatusBody {
  readonly revision: number;
  readonly step: string | null;
}

export interface Gateway {
  readonly process: Child;
  /** Calls the gateway. Throws on a status that is not 2xx. */
  call(method: 'GET' | 'POST', path: string, body?: object, role?: keyof typeof tokens): Promise<StatusBody>;
  close(): Promise<void>;
}

/** Returns the path of a user's journey. */
export const pathOf = (userId: string, rest = '') => `/v1/users/${userId}/onboarding${rest}`;

/** Starts a gateway in a separate process, with an HTTP client that reuses its connections. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const process = await startChild(new URL('gateway-process.js', import.meta.url), options);
  const url = await process.request<string>('url');
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const call: Gateway['call'] = (method, path, body, role = 'app') =>
    new Promise((done, fail) => {
      const headers = { authorization: `Bearer ${tokens[role]}`, ...(body && { 'content-type': 'application/json' }) };
      const outgoing = request(`${url}${path}`, { method, headers, agent }, (reply) => {
        let text = '';
        reply.on('data', (chunk: Buffer) => (text += chunk.toString()));
        reply.on('end', () => {
          if ((reply.statusCode ?? 500) < 300) done(JSON.parse(text) as StatusBody);
          else fail(new Error(`${method} ${path}: ${reply.statusCode} ${text}`));
        });
      });
      outgoing.on('error', fail).end(body && JSON.stringify(body));
    });
  const close = async () => {
    agent.destroy();
    await process.end();
  };
  return { process, call, close };
}
