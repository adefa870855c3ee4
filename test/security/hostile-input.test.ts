import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { maskAddress } from '../../activities/redact.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true }, { requestTimeouts: { request: 200, checkInterval: 50 } });
});
afterAll(() => gateway?.close());

/** Sends raw bytes, and returns everything received until the gateway closes the connection. */
async function sendRaw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  // The gateway answers data that arrives after it has closed the connection with a reset.
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

describe('a request', () => {
  it('is disconnected if its body does not end', async () => {
    // An event without a recent signature timestamp is refused before its body is read.
    const signature = `webhook-id: m1\r\nwebhook-timestamp: ${Math.floor(Date.now() / 1_000)}\r\nwebhook-signature: v1,AAAA\r\n`;
    const requestHead = `POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${signature}`;
    expect(await sendRaw(requestHead)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await sendRaw(`${requestHead}content-length: 1000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('cannot inject a line into the log', async () => {
    const forged = '{"level":"info","audit":"erase"}';
    const before = gateway.logged.length;
    await gateway.call('GET', `/v1/users/x%0A${encodeURIComponent(forged)}/onboarding`);
    await gateway.call('GET', '/v1/users/ada/onboarding', {
      headers: { 'user-agent': 'x\\n{"audit":"erase"}', 'x-request-id': forged },
    });
    const lines = gateway.logged.slice(before);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line.trimEnd()).not.toContain('\n');
      expect(JSON.parse(line)).not.toHaveProperty('audit');
    }
  });

  it('cannot inject a header into the reply', async () => {
    const request = [
      'GET /v1/users/ada%0D%0Ax-evil:1/onboarding HTTP/1.1',
      'host: x',
      `authorization: Bearer ${bearers.app}`,
      'x-request-id: mine',
      'connection: close',
      '\r\n',
    ].join('\r\n');
    const [head = ''] = (await sendRaw(request)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(head).not.toMatch(/x-evil|mine/);
  });
});

describe('a body', () => {
  it.each(['{"reason":"x","__proto__":{"reason":"y"}}', '{"reason":"x","constructor":{"prototype":{"reason":"y"}}}'])(
    'is refused if a member of it could reach a prototype: %s',
    async (body) => {
      const answer = await gateway.call('POST', '/v1/users/ada/onboarding/pause', { as: 'operator', body });
      expect(answer).toMatchObject({ status: 400, body: { field: 'body', detail: 'the body is not valid JSON' } });
    },
  );
});

describe('an event', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('does not read a field from a prototype: %s', async (name) => {
    const text = `{"type":"user.created","data":{"${name}":{"userId":"eve","accountType":"individual"}}}`;
    expect(await gateway.deliver(text)).toMatchObject({ status: 400, body: { field: '/data/userId' } });
    expect(({} as { userId?: string }).userId).toBeUndefined();
  });
});

describe('a provider', () => {
  it.each(['\u001B[2J@x', '\n@x', '\u202Eada@x', '\u0007@\u001B]0;x'])(
    'cannot pass a terminal control character in a hint: %j',
    (address) => {
      expect(maskAddress(address)).toMatch(/^•••@x?•••$/);
    },
  );
});
