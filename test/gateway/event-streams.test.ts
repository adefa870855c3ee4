import { EventEmitter } from 'node:events';
import type { FastifyReply } from 'fastify';
import { expect, it } from '@jest/globals';
import { EventStreams } from '../../client/gateway/event-streams.ts';
import { digestOf } from '../../client/gateway/tokens.ts';

/** A reply of which only the raw side is used. */
class Raw extends EventEmitter {
  destroyed = false;
  written = '';
  ended = 0;
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
  const streams = new EventStreams(new AbortController().signal, { app: 2, viewer: 1, operator: 1 });
  const raws: Raw[] = [];
  const open = (role: 'app' | 'viewer', name: string) => {
    const raw = new Raw();
    streams.begin(replyOver(raw), tokenOf(role, name), () => () => {});
    raws.push(raw);
  };
  open('app', 'shop');
  open('app', 'shop');
  expect(() => open('app', 'shop')).toThrow('this token has 2 event streams open already');
  open('app', 'other');
  open('viewer', 'shop');
  raws[0]?.emit('close');
  raws[0]?.emit('close');
  open('app', 'shop');
  expect(() => open('app', 'shop')).toThrow('open already');
  for (const raw of raws) raw.emit('close');
});

it('ends with the process, by its own word, and where whoever asked has left already', () => {
  const over = new AbortController();
  const streams = new EventStreams(over.signal, { app: 9, viewer: 9, operator: 9 });
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
