import { inspect } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Silence } from '../../activities/failures.ts';
import { createActivities } from '../../activities/index.ts';
import { hint, quote } from '../../activities/mask.ts';
import { apiKey, asking, code, errorOf } from './asking.ts';
import { closeLater, closeServers, nobody, startRawServer, startServer } from './servers.ts';

afterEach(closeServers);

const addresses = ['ada.lovelace@example.test', '+1 (555) 765-4321', '+15557654321'];
const hostile = `Bearer ${apiKey} with ${code}\nfor ${addresses.join(', ')}: type {"otp":"${code}"}`;
const hidden = [apiKey, apiKey.slice(0, 12), code, 'lovelace', 'example.test', '765-4321', '7654321'];

/** Everything that a log, a history or a console could make of an error. */
function everyForm(error: unknown): string {
  const stack = error instanceof Error ? error.stack : '';
  const fields = JSON.stringify(error, Object.getOwnPropertyNames(error));
  return [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), fields, String(error), stack].join();
}

const secretsIn = (text: string): string[] => hidden.filter((secret) => text.includes(secret));

/** Everything that comes of asking here, as a reply or as an error. */
async function formsOf(baseUrl: string, timeout?: number): Promise<string> {
  const ask = asking(baseUrl, apiKey, timeout);
  const provider = createActivities({ baseUrl, apiKey });
  closeLater(() => provider.close());
  const sendCode = provider.sends.sendCode({ userId: 'ada', channel: 'email', timeout: timeout ?? 2_000, retryFor: 0 });
  const came = await Promise.allSettled([ask.send('email'), ask.send('sms'), ask.confirm(), ask.read(), sendCode]);
  return came.map((one) => everyForm(one.status === 'fulfilled' ? one.value : one.reason)).join();
}

describe('no key, no code and no address', () => {
  it.each([200, 202, 302, 400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504])(
    'comes out of a %i whose text repeats them all',
    async (status) => {
      const fields = { error: hostile, data: { email: addresses[0], phone_number: addresses[1], type: hostile } };
      const url = await startServer((_, reply) => {
        reply.writeHead(status, hostile.slice(0, 6), { 'content-type': 'application/json', 'x-echo': apiKey });
        reply.end(JSON.stringify(fields));
      });
      expect(secretsIn(await formsOf(url))).toEqual([]);
    },
  );

  it.each([
    ['an unreadable 200', `HTTP/1.1 200 OK\r\n\r\n${hostile}`],
    ['a broken body', `HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${hostile}`],
    ['broken chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${hostile}`],
    ['a body too long', `HTTP/1.1 200 OK\r\n\r\n${hostile.repeat(2_000)}`],
    ['no HTTP', hostile],
    ['a hang-up', ''],
  ])('comes out of %s', async (_, text) => {
    const at = await startRawServer((socket) => socket.once('data', () => socket.end(text)));
    expect(secretsIn(await formsOf(`http://${at}`))).toEqual([]);
  });

  it('comes out of a reset, or a reply that is too late', async () => {
    const reset = await startRawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const silent = await startRawServer(() => {});
    expect(secretsIn(await formsOf(`http://${reset}`))).toEqual([]);
    expect(secretsIn(await formsOf(`http://${silent}`, 100))).toEqual([]);
    expect(secretsIn(await formsOf(`https://${silent}`, 100))).toEqual([]);
  });

  it('comes out of a connection that never stood', async () => {
    expect(secretsIn(await formsOf(`http://${await nobody()}`))).toEqual([]);
    expect(secretsIn(await formsOf('http://provider.invalid'))).toEqual([]);
  });

  it('comes out of a fault of our own', async () => {
    const provider = createActivities({ baseUrl: 'nonsense', apiKey });
    closeLater(() => provider.close());
    const error = await errorOf(provider.checks.confirmCode({ userId: 'ada', channel: 'email', code, timeout: 100 }));
    expect(error).toMatchObject({ type: 'ProviderOutcomeUnknown', nonRetryable: true });
    expect(secretsIn(everyForm(error))).toEqual([]);
  });

  it('has a cause to hide in', async () => {
    const ask = asking(`http://${await nobody()}`);
    const [silence, failure] = [await errorOf(ask.send()), await errorOf(ask.read())];
    expect([silence, failure]).toEqual([expect.any(Silence), expect.any(ApplicationFailure)]);
    expect([(silence as Silence).cause, (failure as ApplicationFailure).cause]).toEqual([undefined, undefined]);
  });
});

describe('a quotation of the provider', () => {
  it.each([
    ['Account is not eligible', 'Account is not eligible'],
    ['Code must have 6 digits', 'Code must have 6 digits'],
    ['See RFC 422', 'See RFC 422'],
    ['ada@example.test is taken', '••• is taken'],
    ['<ada.lovelace+1@mail.example.co.uk> is taken', '••• is taken'],
    ['to jürgen@exämple.de, 田中@例え.jp', 'to ••• •••'],
    ['ada\n@example.test is taken', '••• is taken'],
    ['mailto:ada@example.test?x=1', '•••'],
    ['code 123456 is wrong', 'code ••• is wrong'],
    ['otp=1234', 'otp=•••'],
    ['code 123-456, or 123 456', 'code •••, or •••'],
    ['call +1 (555) 765-4321 now', 'call ••• now'],
    ['call +44.20.7946.0958 now', 'call ••• now'],
    ['call 555‑765‑4321 now', 'call ••• now'],
    ['code １２３４５６ is wrong', 'code is wrong'],
    ['key sk_live_4f9a1c77e2b80d3356aa90ce is wrong', 'key ••• is wrong'],
    ['key eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl is wrong', 'key ••• is wrong'],
    ['Authorization: Bearer tiny', 'Authorization: •••'],
    ['several\r\n\tlines\u2028and \u001b[31mcolours\u0000', 'several lines and [31mcolours'],
    ['', ''],
    ['   ', ''],
  ])('of %j is %j', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  it('is never long, and breaks no address in two', () => {
    expect(quote('not eligible '.repeat(50))).toHaveLength(121);
    expect(quote(`${'x'.repeat(990)} ada.lovelace@example.test`)).toBe('•••');
    expect(quote(`${'ab@c.de '.repeat(124)}ada.lovelace@example.test`)).not.toContain('ada');
  });

  it.each([
    ['one word', 'a'.repeat(60_000)],
    ['signs', '@'.repeat(60_000)],
    ['digits', '1'.repeat(60_000)],
    ['brackets', '1('.repeat(30_000)],
    ['blanks', ' '.repeat(60_000)],
    ['words', 'a '.repeat(30_000)],
    ['what nobody can print', '\u202e'.repeat(60_000)],
  ])('is quick, even where %s fill all of 64 KiB', (_, text) => {
    const begun = performance.now();
    expect(quote(text).length).toBeLessThanOrEqual(121);
    expect(performance.now() - begun).toBeLessThan(100);
  });
});

describe('a hint', () => {
  it.each([
    ['ada@example.test', 'a•••@e•••'],
    ['a@b', 'a•••@b•••'],
    ['"ada@home"@example.test', '"•••@e•••'],
    ['@example.test', '•••@e•••'],
    ['ada@', 'a•••@•••'],
    ['😀da@éxample.test', '😀•••@é•••'],
    ['+15551234544', '•••44'],
    ['+1 (555) 123-45-44', '•••44'],
    ['4', '•••'],
    ['1234', '•••34'],
    ['no address', '•••'],
    ['', '•••'],
  ])('of %j is %j', (address, hinted) => {
    expect(hint(address)).toBe(hinted);
  });
});
