import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpClient } from '../../activities/sfox/http-client.ts';
import { apiKey, createProviderCalls, code, errorOf, typeOfOutcome } from './call-provider.ts';
import {
  closeLater,
  closeServers,
  findClosedAddress,
  startRawServer,
  startSecureServer,
  startServer,
} from './servers.ts';

afterEach(closeServers);

const json = { 'content-type': 'application/json' };
const successBody = JSON.stringify({ data: { user_id: 'ada', email: 'ada@example.test', success: true } });
const responseHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Replies to the first received bytes with `text`, then closes the connection unless `keepOpen` is set. */
const replyOnceWith =
  (text: string, { keepOpen = false } = {}) =>
  (socket: Socket) =>
    socket.once('data', () => (keepOpen ? socket.write(text) : socket.end(text)));

/** The outcomes of all three calls. */
async function outcomesOf(baseUrl: string, timeout?: number): Promise<unknown[]> {
  const calls = createProviderCalls(baseUrl, apiKey, timeout);
  return Promise.all([calls.send(), calls.confirm(), calls.read()].map(typeOfOutcome));
}

const unreached = Array(3).fill('ProviderUnreached');
const unknown = Array(3).fill('ProviderOutcomeUnknown');

describe('a request that never reached the provider', () => {
  it('is a refused connection', async () => {
    expect(await outcomesOf(`http://${await findClosedAddress()}`)).toEqual(unreached);
  });

  it('is a refused connection behind TLS', async () => {
    expect(await outcomesOf(`https://${await findClosedAddress()}`)).toEqual(unreached);
  });

  it('is a host of two addresses that both refuse', async () => {
    const [, port] = (await findClosedAddress()).split(':');
    expect(await outcomesOf(`http://localhost:${port}`)).toEqual(unreached);
  });

  it('is a host without an address', async () => {
    expect(await outcomesOf('http://provider.invalid', 5_000)).toEqual(unreached);
  });

  it('is a TLS handshake with a server that does not speak TLS', async () => {
    let requests = 0;
    const plain = await startServer((_, reply) => reply.end(String((requests += 1))));
    expect(await outcomesOf(plain.replace('http:', 'https:'))).toEqual(unreached);
    expect(requests).toBe(0);
  });

  it.each([
    ['closes the connection', (socket: Socket) => socket.end()],
    ['closes the connection during the handshake', (socket: Socket) => socket.once('data', () => socket.destroy())],
    ['resets the connection', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['does not reply', () => {}],
  ])('is a TLS handshake in which the other side %s', async (_, onConnection) => {
    expect(await outcomesOf(`https://${await startRawServer(onConnection)}`, 200)).toEqual(unreached);
  });
});

const certificate = createCertificate();
(certificate === undefined ? describe.skip : describe)('a self-signed certificate (needs openssl)', () => {
  it('is rejected before the request is sent', async () => {
    let requests = 0;
    const url = await startSecureServer(certificate ?? { key: '', cert: '' }, (_, reply) =>
      reply.end(String((requests += 1))),
    );
    expect(await outcomesOf(url)).toEqual(unreached);
    expect(requests).toBe(0);
  });
});

describe('a request that the provider may have carried out', () => {
  it.each([
    ['no reply in time', '', { keepOpen: true }],
    ['a closed connection without a reply', '', {}],
    ['half a header', 'HTTP/1.1 20', {}],
    ['no HTTP at all', '220 mail.example.test ESMTP\r\n', {}],
    ['a header without an end', `${responseHead}x-filler: ${'x'.repeat(20_000)}`, {}],
    ['a truncated body', `${responseHead}content-length: 500\r\n\r\n${successBody}`, {}],
    [
      'a body that stops and never ends',
      `${responseHead}content-length: 500\r\n\r\n${successBody}`,
      { keepOpen: true },
    ],
    ['an invalid chunk size', `${responseHead}transfer-encoding: chunked\r\n\r\nzz\r\n${successBody}`, {}],
    ['chunks without the last', `${responseHead}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`, {}],
    [
      'a body that is not compressed as its header says',
      `${responseHead}content-encoding: gzip\r\n\r\n${successBody}`,
      {},
    ],
  ])('is %s', async (_, text, how) => {
    expect(await outcomesOf(`http://${await startRawServer(replyOnceWith(text, how))}`, 300)).toEqual(unknown);
  });

  it('is a reset after the request was received', async () => {
    const reset = (socket: Socket) => socket.once('data', () => socket.resetAndDestroy());
    expect(await outcomesOf(`http://${await startRawServer(reset)}`)).toEqual(unknown);
  });

  it('is a reply of the right kind that is too late', async () => {
    const url = await startServer(
      (_, reply) => void setTimeout(() => reply.writeHead(200, json).end(successBody), 600),
    );
    expect(await outcomesOf(url, 150)).toEqual(unknown);
  });

  it('is a body over 64 KiB, of which the rest is not read', async () => {
    const body = JSON.stringify({ data: { email: 'a@b.c', success: true, requirements: {}, x: 'x'.repeat(80_000) } });
    expect(await outcomesOf(await startServer((_, reply) => reply.writeHead(200, json).end(body)))).toEqual(unknown);
  });

  it('is a body over 64 KiB that came packed in a few bytes', async () => {
    const packed = gzipSync(JSON.stringify({ data: { success: true, x: ' '.repeat(20_000_000) } }));
    const url = await startServer((_, reply) => {
      reply.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(packed);
    });
    expect(await outcomesOf(url)).toEqual(unknown);
  });

  it('is an endless body, and the connection is closed', async () => {
    const chunk = Buffer.alloc(16_384, 'x');
    let written = 0;
    const cuts: Promise<unknown>[] = [];
    const url = await startServer((request, reply) => {
      cuts.push(new Promise((cut) => request.socket.once('close', cut)));
      reply.writeHead(200, json);
      const more = () => {
        while (!reply.destroyed && reply.write(chunk)) written += chunk.length;
      };
      reply.on('drain', more);
      more();
    });
    expect(await outcomesOf(url, 5_000)).toEqual(unknown);
    await Promise.all(cuts);
    expect(cuts).toHaveLength(3);
    expect(written).toBeLessThan(64 * 1_024 * 1_024);
  });

  it('is an endless body of single bytes', async () => {
    const url = await startServer((request, reply) => {
      reply.writeHead(200, json);
      const drip = setInterval(() => reply.write(' '), 20);
      request.socket.once('close', () => clearInterval(drip));
    });
    expect(await outcomesOf(url, 200)).toEqual(unknown);
  });
});

describe('a reply about another user', () => {
  const about = (body: object, status = 200): RequestListener =>
    function (_, reply) {
      reply.writeHead(status, json).end(JSON.stringify(body));
    };

  it.each([
    ['names another user', { data: { user_id: 'bob', success: true, requirements: {} } }, 200],
    ['is a success that also has an error', { data: { user_id: 'ada', success: true }, error: 'no' }, 200],
    ['is a 422 with another id', { error: 'Email already verified', user_id: 'bob' }, 422],
  ])('is an unknown outcome if it %s', async (_, body, status) => {
    expect(await outcomesOf(await startServer(about(body, status)))).toEqual(unknown);
  });

  it('is an unknown outcome if it names another channel', async () => {
    const calls = createProviderCalls(
      await startServer(about({ data: { user_id: 'ada', type: 'sms', success: true } })),
    );
    expect(await typeOfOutcome(calls.confirm('email'))).toBe('ProviderOutcomeUnknown');
    expect(await typeOfOutcome(calls.confirm('sms'))).toBe('right');
  });

  it('is a record without a user id', async () => {
    const calls = createProviderCalls(await startServer(about({ data: { requirements: { email: false } } })));
    expect(await typeOfOutcome(calls.read())).toBe('ProviderOutcomeUnknown');
  });

  it('closes its connection, and asks that nothing comes from a cache', async () => {
    const ports = new Set<number | undefined>();
    const controls = new Set<string | undefined>();
    const url = await startServer((request, reply) => {
      ports.add(request.socket.remotePort);
      controls.add(request.headers['cache-control']);
      reply.writeHead(200, json).end(JSON.stringify({ data: { user_id: 'bob', success: true } }));
    });
    const calls = createProviderCalls(url);
    await calls.confirm().catch(() => undefined);
    await calls.confirm().catch(() => undefined);
    expect(ports.size).toBe(2);
    expect([...controls]).toEqual(['no-cache']);
  });

  it('is not read from an idle connection: unsolicited data closes the connection', async () => {
    let connections = 0;
    const reply = (success: boolean) => {
      const body = JSON.stringify({ data: { success } });
      return `${responseHead}content-length: ${body.length}\r\n\r\n${body}`;
    };
    const url = await startRawServer((socket) => {
      connections += 1;
      socket.on('data', () => {
        socket.write(reply(false));
        setTimeout(() => socket.write(reply(true)), 30);
      });
    });
    const calls = createProviderCalls(`http://${url}`);
    expect(await typeOfOutcome(calls.confirm())).toBe('wrong');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await typeOfOutcome(calls.confirm())).toBe('wrong');
    expect(connections).toBe(2);
  });
});

describe('the deadline of a call', () => {
  it('also applies after 101 Switching Protocols', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
    const url = await startRawServer(replyOnceWith(switching, { keepOpen: true }));
    expect(await outcomesOf(`http://${url}`, 300)).toEqual(unknown);
  });
});

describe('a request', () => {
  it('carries the key, the channel and the code, and nothing else', async () => {
    const seen: unknown[] = [];
    const url = await startServer(async (request, reply) => {
      const { method, url: path, headers } = request;
      seen.push([method, path, headers.authorization, headers['content-type'], await readBody(request)]);
      reply.writeHead(200, json).end(successBody);
    });
    const calls = createProviderCalls(url);
    await calls.send('sms');
    await calls.confirm('email');
    await calls.read();
    const key = `Bearer ${apiKey}`;
    const at = '/v1/enterprise/users';
    expect(seen).toEqual([
      ['POST', `${at}/send-verification/ada`, key, 'application/json', '{"type":"sms"}'],
      ['POST', `${at}/verify/ada`, key, 'application/json', JSON.stringify({ type: 'email', otp: code })],
      ['GET', `${at}/ada`, key, undefined, ''],
    ]);
  });

  it.each(['', '/', '/sfox', '/sfox/'])('appends its path to a base URL that ends in %j', async (path) => {
    const paths: (string | undefined)[] = [];
    const url = await startServer((request, reply) => {
      paths.push(request.url);
      reply.writeHead(200, json).end(successBody);
    });
    await createProviderCalls(url + path).send();
    expect(paths).toEqual([`${path.replace(/\/$/, '')}/v1/enterprise/users/send-verification/ada`]);
  });

  it.each([301, 302, 303, 307, 308])('follows no %i, with or without its body', async (status) => {
    let elsewhere = 0;
    let here = 0;
    const target = await startServer((_, reply) => reply.end(String((elsewhere += 1))));
    const url = await startServer((_, reply) => {
      here += 1;
      reply.writeHead(status, { location: `${target}/v1/enterprise/users/ada` }).end();
    });
    expect(await outcomesOf(url)).toEqual(unknown);
    expect([here, elsewhere]).toEqual([3, 0]);
  });

  it.each([
    [500, unknown],
    [503, Array(3).fill('ProviderOutOfService')],
    [429, Array(3).fill('ProviderRateLimited')],
  ])('is not retried by the HTTP client after a %i', async (status, types) => {
    let requests = 0;
    const url = await startServer((_, reply) => {
      requests += 1;
      reply.writeHead(status, { 'retry-after': '0' }).end();
    });
    expect(await outcomesOf(url)).toEqual(types);
    expect(requests).toBe(3);
  });

  it('is read whole up to 64 KiB', async () => {
    const url = await startServer((_, reply) => {
      reply.writeHead(200, json).end(JSON.stringify({ data: { email: 'a@b.c', x: 'x'.repeat(60_000) } }));
    });
    expect(await createProviderCalls(url).send()).toEqual({ type: 'sent', to: 'a•••@b•••' });
  });

  it('comes through interim replies', async () => {
    const url = await startServer((_, reply) => {
      reply.writeEarlyHints({ link: '</style.css>; rel=preload' });
      reply.writeHead(200, json).end(successBody);
    });
    expect(await createProviderCalls(url).send()).toMatchObject({ type: 'sent' });
  });
});

describe('Retry-After', () => {
  const SECOND = 1_000;
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * SECOND).toUTCString();
  const limited = (value?: string): RequestListener =>
    function (_, reply) {
      reply.writeHead(429, value === undefined ? {} : { 'retry-after': value }).end();
    };

  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['0', 1],
    ['0060', 60],
    ['3600', 3_600],
    ['86400', 3_600],
    ['9'.repeat(400), 3_600],
    [inSeconds(-500), 1],
    [inSeconds(100_000), 3_600],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 1],
    ['', 60],
    ['-5', 60],
    ['+5', 60],
    ['1.5', 60],
    ['5 minutes', 60],
    ['soon 5', 60],
    ['2031', 2_031],
    ['2031-01-01T00:00:00Z', 60],
    ['Monday', 60],
    ['NaN', 60],
    ['Infinity', 60],
    [undefined, 60],
  ])('of %j is a wait of %i s', async (value, seconds) => {
    const error = await errorOf(createProviderCalls(await startServer(limited(value))).send());
    expect(error).toMatchObject({ type: 'ProviderRateLimited', retryAfter: seconds * SECOND });
  });

  it('may be a date', async () => {
    const http = createHttpClient(await startServer(limited(inSeconds(90))), apiKey);
    closeLater(() => http.close());
    const { retryAfter } = await http({
      method: 'GET',
      path: '',
      timeout: 10_000,
      about: { userId: 'ada', channel: null },
    });
    expect(retryAfter).toBeGreaterThan(85 * SECOND);
    expect(retryAfter).toBeLessThanOrEqual(90 * SECOND);
  });
});

/** Creates a key and a self-signed certificate; `undefined` without openssl. */
function createCertificate(): { key: string; cert: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'onward-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const how = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost'.split(' ');
    execFileSync('openssl', ['req', ...how, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
