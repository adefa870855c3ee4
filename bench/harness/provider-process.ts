import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import { serveRequests, argument, sendToParent } from './serve-requests.ts';
import { CODE, isVerified } from './provider.ts';
import type { ProviderRequest } from './provider.ts';

/** The provider of all compared systems. It replies after a fixed wait; a tenth of the channels is already verified. */

const { wait, varies } = argument as { readonly wait: number; readonly varies: boolean };

interface Body {
  readonly type: Channel;
  readonly otp?: string;
}

const confirmed = new Set<string>();

const server = createServer(async (request, response) => {
  const { userId, call } = parseUrl(request.url ?? '');
  const at = performance.timeOrigin + performance.now();
  const text = await readBody(request);
  // The client was killed or timed out during its request.
  if (!request.complete) return void response.destroy();
  await pause(varies ? wait * (0.5 + Math.random()) : wait);
  // After an unknown outcome, a journey reads the user's record.
  if (request.method === 'GET') return void response.end(JSON.stringify(buildRecord(userId)));
  const { type, otp } = JSON.parse(text) as Body;
  if (otp === CODE) confirmed.add(`${userId} ${type}`);
  const verified = call === 'send' && isVerified(userId, type);
  response.writeHead(verified ? 422 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(buildReply(type, otp, verified)));
  sendToParent({ userId, call, channel: type, verified, at } satisfies ProviderRequest);
});

function buildRecord(userId: string): object {
  const isOpen = (channel: Channel) => !isVerified(userId, channel) && !confirmed.has(`${userId} ${channel}`);
  return { data: { requirements: { email: isOpen('email'), sms: isOpen('sms') } } };
}

function parseUrl(url: string): Pick<ProviderRequest, 'userId' | 'call'> {
  const userId = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
  return { userId, call: url.includes('/send-') ? 'send' : 'confirm' };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of request) text += String(chunk);
  } catch {
    // The client aborted the request.
  }
  return text;
}

function buildReply(channel: Channel, otp: string | undefined, verified: boolean): object {
  if (verified) return { error: `${channel === 'email' ? 'Email' : 'Phone'} already verified` };
  if (otp !== undefined) return { data: { success: otp === CODE } };
  return { data: channel === 'email' ? { email: 'a@example.com' } : { phone_number: '+12025550144' } };
}

await once(server.listen(0, '127.0.0.1'), 'listening');
serveRequests({ port: () => (server.address() as AddressInfo).port }, () => server.closeAllConnections());
