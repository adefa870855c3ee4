import { inspect } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ProviderError } from '../../activities/provider-error.ts';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import { maskAddress, sanitize } from '../../activities/redact.ts';
import { apiKey, createProviderCalls, code, errorOf } from './call-provider.ts';
import { closeLater, closeServers, findClosedAddress, startRawServer, startServer } from './servers.ts';

afterEach(closeServers);

const addresses = ['ada.lovelace@example.test', '+1 (555) 765-4321', '+15557654321'];
const textWithSecrets = `Bearer ${apiKey} with ${code}\nfor ${addresses.join(', ')}: type {"otp":"${code}"}`;
const secrets = [apiKey, apiKey.slice(0, 12), code, 'lovelace', 'example.test', '765-4321', '7654321'];

/** Renders an error in every way that a log, a history or a console could. */
function renderEveryForm(error: unknown): string {
  const stack = error instanceof Error ? error.stack : '';
  const fields = JSON.stringify(error, Object.getOwnPropertyNames(error));
  return [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), fields, String(error), stack].join();
}

const secretsIn = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

/** Makes every call, and renders all replies and errors. */
async function renderOutcomes(baseUrl: string, timeout?: number): Promise<string> {
  const calls = createProviderCalls(baseUrl, apiKey, timeout);
  const provider = createProviderActivities({ baseUrl, apiKey });
  closeLater(() => provider.close());
  const sendCode = provider.sends.sendCode({
    userId: 'ada',
    provider: null,
    channel: 'email',
    timeout: timeout ?? 2_000,
    retryFor: 0,
    unknownUserFor: 0,
  });
  const outcomes = await Promise.allSettled([
    calls.send('email'),
    calls.send('sms'),
    calls.confirm(),
    calls.read(),
    sendCode,
  ]);
  return outcomes
    .map((outcome) => renderEveryForm(outcome.status === 'fulfilled' ? outcome.value : outcome.reason))
    .join();
}

describe('no key, no code and no address', () => {
  it.each([200, 202, 302, 400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504])(
    'comes out of a %i whose text repeats them all',
    async (status) => {
      const fields = {
        error: textWithSecrets,
        data: { email: addresses[0], phone_number: addresses[1], type: textWithSecrets },
      };
      const url = await startServer((_, reply) => {
        reply.writeHead(status, textWithSecrets.slice(0, 6), { 'content-type': 'application/json', 'x-echo': apiKey });
        reply.end(JSON.stringify(fields));
      });
      expect(secretsIn(await renderOutcomes(url))).toEqual([]);
    },
  );

  it.each([
    ['an unreadable 200', `HTTP/1.1 200 OK\r\n\r\n${textWithSecrets}`],
    ['a broken body', `HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${textWithSecrets}`],
    ['broken chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${textWithSecrets}`],
    ['a body too long', `HTTP/1.1 200 OK\r\n\r\n${textWithSecrets.repeat(2_000)}`],
    ['no HTTP', textWithSecrets],
    ['a closed connection', ''],
  ])('comes out of %s', async (_, text) => {
    const at = await startRawServer((socket) => socket.once('data', () => socket.end(text)));
    expect(secretsIn(await renderOutcomes(`http://${at}`))).toEqual([]);
  });

  it('comes out of a reset, or a reply that is too late', async () => {
    const reset = await startRawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const silent = await startRawServer(() => {});
    expect(secretsIn(await renderOutcomes(`http://${reset}`))).toEqual([]);
    expect(secretsIn(await renderOutcomes(`http://${silent}`, 100))).toEqual([]);
    expect(secretsIn(await renderOutcomes(`https://${silent}`, 100))).toEqual([]);
  });

  it('comes out of a connection that was never established', async () => {
    expect(secretsIn(await renderOutcomes(`http://${await findClosedAddress()}`))).toEqual([]);
    expect(secretsIn(await renderOutcomes('http://provider.invalid'))).toEqual([]);
  });

  it('is contained in an internal error', async () => {
    const provider = createProviderActivities({ baseUrl: 'nonsense', apiKey });
    closeLater(() => provider.close());
    const error = await errorOf(
      provider.checks.confirmCode({ userId: 'ada', provider: null, channel: 'email', code, timeout: 100 }),
    );
    expect(error).toMatchObject({ type: 'ProviderOutcomeUnknown', nonRetryable: true });
    expect(secretsIn(renderEveryForm(error))).toEqual([]);
  });

  it('has a cause to hide in', async () => {
    const calls = createProviderCalls(`http://${await findClosedAddress()}`);
    const [providerError, failure] = [await errorOf(calls.send()), await errorOf(calls.read())];
    expect([providerError, failure]).toEqual([expect.any(ProviderError), expect.any(ApplicationFailure)]);
    expect([(providerError as ProviderError).cause, (failure as ApplicationFailure).cause]).toEqual([
      undefined,
      undefined,
    ]);
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
    expect(sanitize(text)).toBe(quoted);
  });

  it('is at most 121 characters long, and never contains a part of an address', () => {
    expect(sanitize('not eligible '.repeat(50))).toHaveLength(121);
    expect(sanitize(`${'x'.repeat(990)} ada.lovelace@example.test`)).toBe('•••');
    expect(sanitize(`${'ab@c.de '.repeat(124)}ada.lovelace@example.test`)).not.toContain('ada');
  });

  it.each([
    ['one word', 'a'.repeat(60_000)],
    ['at signs', '@'.repeat(60_000)],
    ['digits', '1'.repeat(60_000)],
    ['brackets', '1('.repeat(30_000)],
    ['spaces', ' '.repeat(60_000)],
    ['words', 'a '.repeat(30_000)],
    ['control characters', '\u202e'.repeat(60_000)],
  ])('is computed with 100 ms of CPU for 64 KiB of %s', (_, text) => {
    const before = process.cpuUsage();
    expect(sanitize(text).length).toBeLessThanOrEqual(121);
    expect(process.cpuUsage(before).user).toBeLessThan(100_000);
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
    expect(maskAddress(address)).toBe(hinted);
  });
});
