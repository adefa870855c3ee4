import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReceiverActivities } from '../../activities/webhook-receiver.ts';
import { measureProcessTime } from '../support/process-time.ts';

const secret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;
const delivery = { id: 'msg_1', timestamp: '2026-01-31T09:30:00.000Z', data: {} };

const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

/** Starts a receiver with this reply, and delivers to it once. */
async function deliverTo(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => request.resume().on('end', () => answer(response)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => void (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  return createReceiverActivities({ url: `http://127.0.0.1:${port}/hook`, secret }).deliver(delivery);
}

/** Delivers to a receiver that does not reply, and to one that sends endless headers. */
async function deliverUnanswered() {
  const startedAt = Date.now();
  const trickling = createNetServer((socket) => {
    socket.on('error', () => {}).resume();
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x-more: 1\r\n'), 1_000);
    socket.on('close', () => clearInterval(timer));
  });
  await once(trickling.listen(0, '127.0.0.1'), 'listening');
  const { port } = trickling.address() as AddressInfo;
  const activities = createReceiverActivities({ url: `http://127.0.0.1:${port}/hook`, secret });
  const replies = await Promise.all([deliverTo(() => {}), activities.deliver(delivery)]);
  trickling.close();
  return { replies, took: Date.now() - startedAt };
}

describe('a delivery to a receiver', () => {
  it('is accepted by its status code, regardless of the length of the body', async () => {
    expect(await deliverTo((response) => response.writeHead(200).end('x'.repeat(70 * 1_024)))).toEqual({
      type: 'accepted',
    });
  });

  it('is accepted before the body has ended, and the connection is closed', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const timeTaken = measureProcessTime();
    const reply = await deliverTo((response) => {
      closed = once(response, 'close');
      response.writeHead(202).write('never ends');
    });
    expect(reply).toEqual({ type: 'accepted' });
    expect(timeTaken()).toBeLessThan(3_000);
    await closed;
  });

  it('is accepted even if the body is not compressed as its header says', async () => {
    expect(
      await deliverTo((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip')),
    ).toEqual({
      type: 'accepted',
    });
  });

  it.each([
    ['120', 120_000],
    ['0', 1_000],
    ['999999999', 36_000_000],
    ['soon', null],
  ])('that fails returns the delay of `Retry-After: %s`', async (header, retryAfter) => {
    expect(
      await deliverTo((response) => response.writeHead(503, { 'retry-after': header }).end('x'.repeat(70_000))),
    ).toEqual({
      type: 'failed',
      problem: 'the receiver answered 503',
      retryAfter,
    });
  });

  it('is not retried after 410', async () => {
    expect(await deliverTo((response) => response.writeHead(410).end())).toEqual({
      type: 'gone',
      problem: 'the receiver answered 410, so it accepts no further deliveries',
    });
  });

  describe('without a reply', () => {
    let switched: Promise<unknown>;
    let unanswered: Promise<{ replies: unknown[]; took: number }>;
    // Each takes all the time of a delivery, so that they wait together.
    beforeAll(() => {
      const headers = { connection: 'upgrade', upgrade: 'websocket' };
      switched = deliverTo((response) => response.writeHead(101, headers).flushHeaders());
      unanswered = deliverUnanswered();
    });

    it('fails by its deadline if the receiver switches protocols', async () => {
      expect(await switched).toMatchObject({ type: 'failed', retryAfter: null });
    }, 60_000);

    it('fails by its deadline if the receiver does not reply, or sends endless headers', async () => {
      const late = { type: 'failed', problem: 'the receiver did not answer in time', retryAfter: null };
      const { replies, took } = await unanswered;
      expect(replies).toEqual([late, late]);
      // Not before the deadline.
      expect(took).toBeGreaterThanOrEqual(14_900);
    }, 60_000);
  });

  it('fails if the connection is closed before the status line', async () => {
    const reply = await deliverTo((response) => void response.destroy());
    expect(reply).toEqual({ type: 'failed', problem: 'the receiver cannot be reached', retryAfter: null });
  });
});
