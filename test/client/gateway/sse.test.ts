import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import Fastify from 'fastify';
import type { FastifyReply } from 'fastify';
import { expect, it } from '@jest/globals';
import { EventStreams } from '../../../client/gateway/plugins/sse.ts';
import type { EventStream } from '../../../client/gateway/plugins/sse.ts';
import { OpenRequests } from '../../../client/gateway/sessions/open-requests.ts';
import { digestOf } from '../../../client/gateway/plugins/tokens.ts';
import { waitUntil } from '../../support/stack.ts';

/** A reply of which only the raw side is used. */
class Raw extends EventEmitter {
  destroyed = false;
  written = '';
  ended = 0;
  /** For a connection that is closed already, so that no timer outlives the test. */
  readonly req = { socket: Object.assign(new EventEmitter(), { destroyed: true, destroy: () => {} }) };
  writeHead() {}
  write(text: string) {
    this.written += text;
  }
  end() {
    this.ended += 1;
  }
}

const replyOver = (raw: Raw) => ({ raw, hijack: () => {}, getHeaders: () => ({}) }) as unknown as FastifyReply;
const tokenOf = (role: 'app' | 'viewer', name: string) => ({ role, name, digest: digestOf(name) });

it('opens no more streams than a token may have, and again once one has ended', () => {
  const streams = new EventStreams(new AbortController().signal, new OpenRequests(), {
    app: 2,
    viewer: 1,
    operator: 1,
  });
  const raws: Raw[] = [];
  const open = (role: 'app' | 'viewer', name: string) => {
    const raw = new Raw();
    streams.begin(replyOver(raw), tokenOf(role, name), () => () => {});
    raws.push(raw);
  };
  open('app', 'shop');
  open('app', 'shop');
  expect(() => open('app', 'shop')).toThrow('this token already has 2 open event streams');
  open('app', 'other');
  open('viewer', 'shop');
  raws[0]?.emit('close');
  raws[0]?.emit('close');
  open('app', 'shop');
  expect(() => open('app', 'shop')).toThrow('open event streams');
  for (const raw of raws) raw.emit('close');
});

it('ends at shutdown, by its own call, and if its reader has already disconnected', () => {
  const over = new AbortController();
  const streams = new EventStreams(over.signal, new OpenRequests(), { app: 9, viewer: 9, operator: 9 });
  let stopped = 0;
  const stop = () => void (stopped += 1);
  const [first, second, third] = [new Raw(), new Raw(), new Raw()];
  streams.begin(replyOver(first), null, (stream) => {
    stream.send('now', { n: 1 }, '7');
    return stop;
  });
  expect(first.written).toBe('id: 7\nevent: now\ndata: {"n":1}\n\n');
  streams.begin(replyOver(second), null, (stream) => {
    stream.end();
    stream.send('now', {});
    return stop;
  });
  third.destroyed = true;
  streams.begin(replyOver(third), null, () => stop);
  expect([stopped, second.written, second.ended, third.ended]).toEqual([2, '', 1, 1]);
  over.abort();
  over.abort();
  expect([stopped, first.ended]).toEqual([3, 1]);
});

it('does not open for a session that has ended since the request was authenticated', () => {
  const requests = new OpenRequests();
  const streams = new EventStreams(new AbortController().signal, requests);
  requests.endSession('gone');
  const raw = new Raw();
  const reply = Object.assign(replyOver(raw), { request: { session: { id: 'gone', expiresAt: Date.now() + 60_000 } } });
  let sent = 0;
  streams.begin(reply, tokenOf('viewer', 'ada'), (stream) => {
    stream.send('now', {});
    return () => void (sent += 1);
  });
  expect([raw.written, raw.ended, sent]).toEqual(['', 1, 1]);
  expect(requests.sessionIds).toEqual([]);
});

/** A real server of event streams, and a connection to it of which nothing is read until it is resumed. */
async function openUnread(times: { heartbeat: number; unreadTimeout: number }) {
  const app = Fastify({ forceCloseConnections: true });
  const streams = new EventStreams(new AbortController().signal, new OpenRequests(), undefined, times);
  let opened: { readonly stream: EventStream; readonly raw: ServerResponse } | undefined;
  app.get('/', (_request, reply) =>
    streams.begin(reply, null, (stream) => {
      opened = { stream, raw: reply.raw };
      return () => {};
    }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const { stream, raw } = await waitUntil(() => opened, 'the stream is open');
  return { app, socket, stream, raw };
}

const filler = 'x'.repeat(100_000);

/** Sends events until the operating system takes no more of them, and then twenty more. Returns how many. */
async function sendUntilUnread({ stream, raw }: { stream: EventStream; raw: ServerResponse }): Promise<number> {
  let sent = 0;
  let held = 0;
  const send = () => {
    stream.send('status', { nth: (sent += 1), filler }, String(sent));
    held = Math.max(held, raw.writableLength);
  };
  for (let unread = 0; unread < 10;) {
    send();
    await pause(5);
    unread = raw.writableLength > 0 ? unread + 1 : 0;
  }
  for (let nth = 0; nth < 20; nth += 1) send();
  // One event of any length, beside what is bounded.
  expect(held).toBeLessThan(2 * filler.length);
  return sent;
}

it('buffers a bounded number of bytes for a reader who does not read, and then sends the newest event', async () => {
  const { app, socket, stream, raw } = await openUnread({ heartbeat: 50, unreadTimeout: 60_000 });
  const sent = await sendUntilUnread({ stream, raw });
  let read = '';
  socket.on('data', (chunk) => (read += chunk.toString()));
  socket.resume();
  await waitUntil(() => read.includes(`id: ${sent}\n`), 'the newest event is read');
  const ids = [...read.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids.length).toBeLessThan(sent - 10);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  socket.destroy();
  await app.close();
});

it('closes the connection of a reader who has not read for too long', async () => {
  const { app, socket, stream, raw } = await openUnread({ heartbeat: 50, unreadTimeout: 500 });
  await sendUntilUnread({ stream, raw });
  await waitUntil(() => stream.hasEnded, 'the stream has ended', 10_000);
  expect(raw.destroyed).toBe(true);
  socket.destroy();
  await app.close();
});
