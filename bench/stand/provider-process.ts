import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../activities/contract.ts';
import { answering, given, tell } from './answering.ts';
import { CODE, isVerified } from './provider.ts';
import type { Asked } from './provider.ts';

/** The provider whom all that is compared asks: after the same wait, every tenth user's channel is verified already. */

const { wait, varies } = given as { readonly wait: number; readonly varies: boolean };

interface Body {
  readonly type: Channel;
  readonly otp?: string;
}

const confirmed = new Set<string>();

const server = createServer(async (request, response) => {
  const { userId, call } = read(request.url ?? '');
  const at = performance.timeOrigin + performance.now();
  const text = await textOf(request);
  // A worker that was killed, or waited too long, has left in the middle.
  if (!request.complete) return void response.destroy();
  await pause(varies ? wait * (0.5 + Math.random()) : wait);
  // A journey that does not know what came of a request reads the user's record.
  if (request.method === 'GET') return void response.end(JSON.stringify(recordOf(userId)));
  const { type, otp } = JSON.parse(text) as Body;
  if (otp === CODE) confirmed.add(`${userId} ${type}`);
  const verified = call === 'send' && isVerified(userId, type);
  response.writeHead(verified ? 422 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(replyTo(type, otp, verified)));
  tell({ userId, call, channel: type, verified, at } satisfies Asked);
});

function recordOf(userId: string): object {
  const isOpen = (channel: Channel) => !isVerified(userId, channel) && !confirmed.has(`${userId} ${channel}`);
  return { data: { requirements: { email: isOpen('email'), sms: isOpen('sms') } } };
}

function read(url: string): Pick<Asked, 'userId' | 'call'> {
  const userId = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
  return { userId, call: url.includes('/send-') ? 'send' : 'confirm' };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of request) text += String(chunk);
  } catch {
    // It was cut off.
  }
  return text;
}

function replyTo(channel: Channel, otp: string | undefined, verified: boolean): object {
  if (verified) return { error: `${channel === 'email' ? 'Email' : 'Phone'} already verified` };
  if (otp !== undefined) return { data: { success: otp === CODE } };
  return { data: channel === 'email' ? { email: 'a@example.com' } : { phone_number: '+12025550144' } };
}

await once(server.listen(0, '127.0.0.1'), 'listening');
answering({ port: () => (server.address() as AddressInfo).port }, () => server.closeAllConnections());
