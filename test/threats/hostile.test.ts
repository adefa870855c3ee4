import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hint } from '../../activities/mask.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true }, { patience: { request: 200, look: 50 } });
});
afterAll(() => gateway?.close());

/** Sends bytes as they are, and gives all that came back until the gateway hung up. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let came = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (came += chunk));
  // What arrives after the hang-up is answered by a reset.
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return came;
}

describe('a request', () => {
  it('is cut off when it does not end', async () => {
    const begun = 'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    expect(await raw(begun)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await raw(`${begun}content-length: 1000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('writes no line of its own into the log', async () => {
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

  it('puts no header into the answer', async () => {
    const request = [
      'GET /v1/users/ada%0D%0Ax-evil:1/onboarding HTTP/1.1',
      'host: x',
      `authorization: Bearer ${bearers.app}`,
      'x-request-id: mine',
      'connection: close',
      '\r\n',
    ].join('\r\n');
    const [head = ''] = (await raw(request)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(head).not.toMatch(/x-evil|mine/);
  });
});

describe('an event', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('reads no field from a prototype: %s', async (name) => {
    const text = `{"type":"user.created","data":{"${name}":{"userId":"eve","accountType":"individual"}}}`;
    expect(await gateway.deliver(text)).toMatchObject({ status: 400, body: { field: '/data/userId' } });
    expect(({} as { userId?: string }).userId).toBeUndefined();
  });
});

describe('a provider', () => {
  it.each(['\u001B[2J@x', '\n@x', '\u202Eada@x', '\u0007@\u001B]0;x'])(
    'hints at no character that steers a terminal: %j',
    (address) => {
      expect(hint(address)).toMatch(/^•••@x?•••$/);
    },
  );
});
