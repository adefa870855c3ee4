import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../activities/http.ts';
import { apiKey, asking, code, errorOf, typeOf } from './asking.ts';
import { closeLater, closeServers, nobody, startRawServer, startSecureServer, startServer } from './servers.ts';

afterEach(closeServers);

const json = { 'content-type': 'application/json' };
const good = JSON.stringify({ data: { email: 'ada@example.test', success: true } });
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Answers the first bytes that come with these, and then hangs up, unless it is to stay. */
const answering =
  (text: string, { stay = false } = {}) =>
  (socket: Socket) =>
    socket.once('data', () => (stay ? socket.write(text) : socket.end(text)));

/** What all three calls come to. */
async function allOf(baseUrl: string, timeout?: number): Promise<unknown[]> {
  const ask = asking(baseUrl, apiKey, timeout);
  return Promise.all([ask.send(), ask.confirm(), ask.read()].map(typeOf));
}

const unreached = Array(3).fill('ProviderUnreached');
const unknown = Array(3).fill('ProviderOutcomeUnknown');

describe('what never reached the provider', () => {
  it('is a refused connection', async () => {
    expect(await allOf(`http://${await nobody()}`)).toEqual(unreached);
  });

  it('is a refused connection behind TLS', async () => {
    expect(await allOf(`https://${await nobody()}`)).toEqual(unreached);
  });

  it('is a host of two addresses that both refuse', async () => {
    const [, port] = (await nobody()).split(':');
    expect(await allOf(`http://localhost:${port}`)).toEqual(unreached);
  });

  it('is a host without an address', async () => {
    expect(await allOf('http://provider.invalid', 5_000)).toEqual(unreached);
  });

  it('is a TLS handshake with a port that speaks plainly', async () => {
    let requests = 0;
    const plain = await startServer((_, reply) => reply.end(String((requests += 1))));
    expect(await allOf(plain.replace('http:', 'https:'))).toEqual(unreached);
    expect(requests).toBe(0);
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['hangs up in the middle', (socket: Socket) => socket.once('data', () => socket.destroy())],
    ['is reset', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['is silent', () => {}],
  ])('is a TLS handshake in which the other side %s', async (_, onConnection) => {
    expect(await allOf(`https://${await startRawServer(onConnection)}`, 200)).toEqual(unreached);
  });
});

const pair = selfSigned();
(pair === undefined ? describe.skip : describe)('a certificate that nobody vouches for (needs openssl)', () => {
  it('is one more way not to reach the provider: nothing is sent', async () => {
    let requests = 0;
    const url = await startSecureServer(pair ?? { key: '', cert: '' }, (_, reply) =>
      reply.end(String((requests += 1))),
    );
    expect(await allOf(url)).toEqual(unreached);
    expect(requests).toBe(0);
  });
});

describe('what the provider may have carried out', () => {
  it.each([
    ['no reply in time', '', { stay: true }],
    ['a hang-up without a reply', '', {}],
    ['half a header', 'HTTP/1.1 20', {}],
    ['no HTTP at all', '220 mail.example.test ESMTP\r\n', {}],
    ['a header without an end', `${head}x-filler: ${'x'.repeat(20_000)}`, {}],
    ['a body that breaks off', `${head}content-length: 500\r\n\r\n${good}`, {}],
    ['a body that stops and never ends', `${head}content-length: 500\r\n\r\n${good}`, { stay: true }],
    ['a size of chunk that is none', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n${good}`, {}],
    ['chunks without the last', `${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`, {}],
    ['a body that is not packed as it says', `${head}content-encoding: gzip\r\n\r\n${good}`, {}],
  ])('is %s', async (_, text, how) => {
    expect(await allOf(`http://${await startRawServer(answering(text, how))}`, 300)).toEqual(unknown);
  });

  it('is a reset once the request is there', async () => {
    const reset = (socket: Socket) => socket.once('data', () => socket.resetAndDestroy());
    expect(await allOf(`http://${await startRawServer(reset)}`)).toEqual(unknown);
  });

  it('is a reply of the right kind that comes too late', async () => {
    const url = await startServer((_, reply) => void setTimeout(() => reply.writeHead(200, json).end(good), 600));
    expect(await allOf(url, 150)).toEqual(unknown);
  });

  it('is a body over 64 KiB, of which the rest is not read', async () => {
    const body = JSON.stringify({ data: { email: 'a@b.c', success: true, requirements: {}, x: 'x'.repeat(80_000) } });
    expect(await allOf(await startServer((_, reply) => reply.writeHead(200, json).end(body)))).toEqual(unknown);
  });

  it('is a body over 64 KiB that came packed in a few bytes', async () => {
    const packed = gzipSync(JSON.stringify({ data: { success: true, x: ' '.repeat(20_000_000) } }));
    const url = await startServer((_, reply) => {
      reply.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(packed);
    });
    expect(await allOf(url)).toEqual(unknown);
  });

  it('is a body without an end, and the connection is cut', async () => {
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
    expect(await allOf(url, 5_000)).toEqual(unknown);
    await Promise.all(cuts);
    expect(cuts).toHaveLength(3);
    expect(written).toBeLessThan(64 * 1_024 * 1_024);
  });

  it('is a body that trickles for ever', async () => {
    const url = await startServer((request, reply) => {
      reply.writeHead(200, json);
      const drip = setInterval(() => reply.write(' '), 20);
      request.socket.once('close', () => clearInterval(drip));
    });
    expect(await allOf(url, 200)).toEqual(unknown);
  });
});

describe('a request', () => {
  it('carries the key, the channel and the code, and nothing else', async () => {
    const seen: unknown[] = [];
    const url = await startServer(async (request, reply) => {
      const { method, url: path, headers } = request;
      seen.push([method, path, headers.authorization, headers['content-type'], await textOf(request)]);
      reply.writeHead(200, json).end(good);
    });
    const ask = asking(url);
    await ask.send('sms');
    await ask.confirm('email');
    await ask.read();
    const key = `Bearer ${apiKey}`;
    const at = '/v1/enterprise/users';
    expect(seen).toEqual([
      ['POST', `${at}/send-verification/ada`, key, 'application/json', '{"type":"sms"}'],
      ['POST', `${at}/verify/ada`, key, 'application/json', JSON.stringify({ type: 'email', otp: code })],
      ['GET', `${at}/ada`, key, undefined, ''],
    ]);
  });

  it.each(['', '/', '/sfox', '/sfox/'])('goes below the base address that ends in %j', async (path) => {
    const paths: (string | undefined)[] = [];
    const url = await startServer((request, reply) => {
      paths.push(request.url);
      reply.writeHead(200, json).end(good);
    });
    await asking(url + path).send();
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
    expect(await allOf(url)).toEqual(unknown);
    expect([here, elsewhere]).toEqual([3, 0]);
  });

  it.each([
    [500, unknown],
    [503, unreached],
    [429, Array(3).fill('ProviderRateLimited')],
  ])('is made once, whatever a %i would invite to', async (status, types) => {
    let requests = 0;
    const url = await startServer((_, reply) => {
      requests += 1;
      reply.writeHead(status, { 'retry-after': '0' }).end();
    });
    expect(await allOf(url)).toEqual(types);
    expect(requests).toBe(3);
  });

  it('is read whole up to 64 KiB', async () => {
    const url = await startServer((_, reply) => {
      reply.writeHead(200, json).end(JSON.stringify({ data: { email: 'a@b.c', x: 'x'.repeat(60_000) } }));
    });
    expect(await asking(url).send()).toEqual({ type: 'sent', to: 'a•••@b•••' });
  });

  it('comes through interim replies', async () => {
    const url = await startServer((_, reply) => {
      reply.writeEarlyHints({ link: '</style.css>; rel=preload' });
      reply.writeHead(200, json).end(good);
    });
    expect(await asking(url).send()).toMatchObject({ type: 'sent' });
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
    const silence = await errorOf(asking(await startServer(limited(value))).send());
    expect(silence).toMatchObject({ type: 'ProviderRateLimited', retryAfter: seconds * SECOND });
  });

  it('may be a date', async () => {
    const http = createHttp(await startServer(limited(inSeconds(90))), apiKey);
    closeLater(() => http.close());
    const { retryAfter } = await http({ method: 'GET', path: '', timeout: 2_000 });
    expect(retryAfter).toBeGreaterThan(85 * SECOND);
    expect(retryAfter).toBeLessThanOrEqual(90 * SECOND);
  });
});

/** A key and a certificate that it signed itself; `undefined` where there is no openssl. */
function selfSigned(): { key: string; cert: string } | undefined {
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

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
