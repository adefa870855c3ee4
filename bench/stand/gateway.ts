import { Agent, request } from 'node:http';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

export const tokens = { app: 'app-token-of-the-bench', operator: 'operator-token-of-the-bench' } as const;

export interface GatewayGiven {
  readonly address: string;
  readonly taskQueue: string;
}

/** What a status says of itself that the bench reads. */
export interface Answer {
  readonly revision: number;
  readonly step: string | null;
}

export interface Gateway {
  readonly process: Child;
  /** Throws where the answer is none of success. */
  call(method: 'GET' | 'POST', path: string, body?: object, role?: keyof typeof tokens): Promise<Answer>;
  close(): Promise<void>;
}

/** Where a user's onboarding is. */
export const pathOf = (userId: string, rest = '') => `/v1/users/${userId}/onboarding${rest}`;

/** Starts a gateway in a process of its own, and a client of it that keeps its connections. */
export async function startGateway(given: GatewayGiven): Promise<Gateway> {
  const process = await startChild(new URL('gateway-process.js', import.meta.url), given);
  const url = await process.ask<string>('url');
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const call: Gateway['call'] = (method, path, body, role = 'app') =>
    new Promise((done, fail) => {
      const headers = { authorization: `Bearer ${tokens[role]}`, ...(body && { 'content-type': 'application/json' }) };
      const asked = request(`${url}${path}`, { method, headers, agent }, (reply) => {
        let text = '';
        reply.on('data', (chunk: Buffer) => (text += chunk.toString()));
        reply.on('end', () => {
          if ((reply.statusCode ?? 500) < 300) done(JSON.parse(text) as Answer);
          else fail(new Error(`${method} ${path}: ${reply.statusCode} ${text}`));
        });
      });
      asked.on('error', fail).end(body && JSON.stringify(body));
    });
  const close = async () => {
    agent.destroy();
    await process.end();
  };
  return { process, call, close };
}
