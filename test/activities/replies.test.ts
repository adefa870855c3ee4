import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel } from '../../activities/contract.ts';
import { createActivities } from '../../activities/index.ts';
import type { Provider } from '../../activities/index.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Call, Fault, Sfox } from '../../sandbox/sfox/index.ts';
import { asking, errorOf, typeOf } from './asking.ts';
import type { Asking } from './asking.ts';
import { closeServers } from './servers.ts';

let sfox: Sfox;
let ask: Asking;
let provider: Provider;
let users = 0;

beforeAll(async () => {
  sfox = await startSfox();
  ask = asking(sfox.url, sfox.apiKey);
  provider = createActivities({ baseUrl: sfox.url, apiKey: sfox.apiKey });
});

afterAll(async () => {
  provider.close();
  await closeServers();
  await sfox.close();
});

/** A user of whom the next call is answered like this. */
function answered(call: Call, fault: Fault): string {
  const userId = `user-${(users += 1)}`;
  sfox.script(userId, call, [fault]);
  return userId;
}

const says = (status: number, error: string): Fault => ({ status, body: { error } });
const data = (fields: object): Fault => ({ status: 200, body: { data: fields } });
const page = (status: number, body: string): Fault => ({ status, body, contentType: 'text/html' });

/** What both calls read alike. */
const alreadyVerified: [Channel, string][] = [
  ['email', 'Email already verified'],
  ['email', 'email already verified.'],
  ['email', ' Email already verified '],
  ['email', 'Email is already verified'],
  ['email', 'Email has already been verified'],
  ['email', 'E-mail address has been already verified!'],
  ['sms', 'Phone already verified'],
  ['sms', 'PHONE ALREADY VERIFIED'],
  ['sms', 'Phone number has already been verified'],
];

const notVerified: [Channel, string][] = [
  ['email', 'Phone already verified'],
  ['sms', 'Email already verified'],
  ['email', 'Email not already verified'],
  ['email', 'Email already verified: no'],
  ['email', 'Email already verified by another user'],
  ['email', 'Not true: Email already verified'],
  ['email', 'Email already verified\nPhone already verified'],
  ['sms', 'Email or Phone already verified'],
  ['email', 'Already verified'],
  ['email', 'Account is not eligible'],
  ['email', ''],
];

const bare: [string, Fault][] = [
  ['an HTML page', 'html'],
  ['nothing', page(200, '')],
  ['half a JSON text', page(200, '{"data":{"user_id":"ada"')],
  ['a list', { status: 200, body: [{ data: { success: true } }] }],
  ['a text', { status: 200, body: 'sent' }],
  ['a number', { status: 200, body: 1 }],
  ['null', page(200, 'null')],
];

const unknownOutcomes: [string, Fault][] = [
  ['302', { status: 302 }],
  ['304', page(304, '')],
  ['408', { status: 408 }],
  ['500', { status: 500 }],
  ['500 with a page', page(500, '<h1>Oops</h1>')],
  ['500 that says already verified', says(500, 'Email already verified')],
  ['502', { status: 502 }],
  ['504', { status: 504 }],
  ['501', { status: 501 }],
  ['599', { status: 599 }],
  ['a reset before the work', 'reset-before'],
  ['a reset after the work', 'reset-after'],
];

describe('the reply to a request for a code', () => {
  const send = (fault: Fault, channel: Channel = 'email') => ask.send(channel, answered('send', fault));

  it('is sent, with a hint at the address, where the provider has taken it', async () => {
    sfox.verify('grace', 'email');
    expect(await ask.send('email', 'ada')).toEqual({ type: 'sent', to: 'a•••@e•••' });
    expect(await ask.send('sms', 'grace')).toEqual({ type: 'sent', to: expect.stringMatching(/^•••\d\d$/) });
    expect(sfox.outbox('ada')).toHaveLength(1);
  });

  it('is a transition, not a failure, where the channel is verified already', async () => {
    sfox.verify('alan', 'email');
    sfox.verify('alan', 'sms');
    expect(await ask.send('email', 'alan')).toEqual({ type: 'alreadyVerified' });
    expect(await ask.send('sms', 'alan')).toEqual({ type: 'alreadyVerified' });
    expect(sfox.outbox('alan')).toEqual([]);
  });

  it.each([
    ['of the legacy form, with the number in `email`', 'sms', data({ type: 'sms', email: '+15551234567' }), '•••67'],
    ['with both fields, of which the newer counts', 'sms', data({ email: 'x@y.z', phone_number: '+1555000' }), '•••00'],
    ['with a null address', 'email', data({ user_id: null, type: null, email: null }), null],
    ['with an address that is no text', 'email', data({ email: { name: 'ada' } }), null],
    ['with an empty address', 'email', data({ email: '' }), null],
    ['with the number of an sms in neither field', 'sms', data({ number: '+15551234567' }), null],
    ['with the number in the wrong field for an e-mail', 'email', data({ phone_number: '+15551234567' }), null],
    ['with more than we know', 'email', data({ email: 'a@b.c', carrier: 'x' }), 'a•••@b•••'],
    ['without data', 'email', { status: 200, body: {} }, null],
    ['with data that is null', 'email', { status: 200, body: { data: null } }, null],
    ['with data that is a list', 'email', { status: 200, body: { data: [] } }, null],
  ] satisfies [string, Channel, Fault, string | null][])('is sent for a 200 %s', async (_, channel, fault, to) => {
    expect(await send(fault, channel)).toEqual({ type: 'sent', to });
  });

  it.each([
    ['202', { status: 202, body: { data: { email: 'ada@example.test' } } }, 'a•••@e•••'],
    ['202 with a page', page(202, '<p>Accepted</p>'), null],
    ['204', page(204, ''), null],
  ] satisfies [string, Fault, string | null][])('is sent for a %s', async (_, fault, to) => {
    expect(await send(fault)).toEqual({ type: 'sent', to });
  });

  it.each(alreadyVerified)('treats a 422 for %s that says "%s" as already verified', async (channel, text) => {
    expect(await send(says(422, text), channel)).toEqual({ type: 'alreadyVerified' });
  });

  it.each(notVerified)('refuses for a 422 for %s that says %j', async (channel, text) => {
    expect(await send(says(422, text), channel)).toEqual({ type: 'refused', detail: expect.stringMatching(/^422/) });
  });

  it.each([
    ['400', says(400, 'type is invalid'), '400 type is invalid'],
    ['400 that says already verified', says(400, 'Email already verified'), '400 Email already verified'],
    ['404', says(404, 'User not found'), '404 User not found'],
    ['405', { status: 405 }, '405 Status 405'],
    ['406', { status: 406 }, '406 Status 406'],
    ['409', { status: 409 }, '409 Status 409'],
    ['413', page(413, '<h1>Too large</h1>'), '413'],
    ['422 with a page', page(422, 'Email already verified'), '422'],
    ['422 with a list', { status: 422, body: ['Email already verified'] }, '422'],
    ['422 whose error is an object', { status: 422, body: { error: { text: 'Email already verified' } } }, '422'],
    ['422 whose text stands elsewhere', { status: 422, body: { message: 'Email already verified' } }, '422'],
  ] satisfies [string, Fault, string][])('refuses for a %s', async (_, fault, detail) => {
    expect(await send(fault)).toEqual({ type: 'refused', detail });
  });

  it.each([
    ['401', { status: 401 }, 'ProviderCredentials'],
    ['403', { status: 403 }, 'ProviderCredentials'],
    ['403 with a page', page(403, '<h1>Forbidden</h1>'), 'ProviderCredentials'],
    ['429', { status: 429 }, 'ProviderRateLimited'],
    ['503', { status: 503 }, 'ProviderUnreached'],
    ['503 with a page', page(503, '<h1>Maintenance</h1>'), 'ProviderUnreached'],
  ] satisfies [string, Fault, string][])('is silence for a %s', async (_, fault, type) => {
    expect(await typeOf(send(fault))).toBe(type);
  });

  it.each([...bare.map(([what, fault]): [string, Fault] => [`200 with ${what}`, fault]), ...unknownOutcomes])(
    'is unknown for %s: a code may be on its way',
    async (_, fault) => {
      expect(await typeOf(send(fault))).toBe('ProviderOutcomeUnknown');
    },
  );

  it('is unknown though the code went out, or did not, when the connection is reset', async () => {
    const [before, after] = [answered('send', 'reset-before'), answered('send', 'reset-after')];
    expect(await typeOf(ask.send('email', before))).toBe('ProviderOutcomeUnknown');
    expect(await typeOf(ask.send('email', after))).toBe('ProviderOutcomeUnknown');
    expect([sfox.outbox(before), sfox.outbox(after)]).toEqual([[], [expect.anything()]]);
  });
});

describe('the activity that sends', () => {
  const send = (userId: string) => provider.sends.sendCode({ userId, channel: 'email', timeout: 2_000, retryFor: 0 });

  it('returns what the provider has judged', async () => {
    expect(await send('joan')).toEqual({ type: 'sent', to: 'j•••@e•••' });
    expect(await send(answered('send', says(422, 'Email already verified')))).toEqual({ type: 'alreadyVerified' });
    expect(await send(answered('send', says(404, 'none')))).toEqual({ type: 'refused', detail: '404 none' });
  });

  it.each([
    ['401', { status: 401 }, 'ProviderCredentials'],
    ['500', { status: 500 }, 'ProviderOutcomeUnknown'],
    ['a reset', 'reset-after', 'ProviderOutcomeUnknown'],
    ['an unreadable 200', 'html', 'ProviderOutcomeUnknown'],
  ] satisfies [string, Fault, string][])('is never repeated after %s', async (_, fault, type) => {
    expect(await errorOf(send(answered('send', fault)))).toMatchObject({ type, nonRetryable: true });
  });
});

describe('the reply to a code', () => {
  const confirm = (fault: Fault, channel: Channel = 'email') => ask.confirm(channel, answered('confirm', fault));

  it('is right or wrong as the provider judges', async () => {
    const judge = (code: string) =>
      provider.checks.confirmCode({ userId: 'mary', channel: 'email', code, timeout: 2_000 });
    await ask.send('email', 'mary');
    const code = sfox.outbox('mary').at(-1)?.code ?? '';
    expect(await judge(code === '000000' ? '111111' : '000000')).toEqual({ type: 'wrong' });
    expect(await judge(code)).toEqual({ type: 'right' });
    expect(await judge(code)).toEqual({ type: 'alreadyVerified' });
  });

  it.each([
    [true, 'right'],
    [false, 'wrong'],
  ])('reads success: %s as %s, whatever else is missing', async (success, type) => {
    expect(await confirm(data({ success }))).toEqual({ type });
    expect(await confirm(data({ success, user_id: null, type: 7 }))).toEqual({ type });
  });

  it.each(alreadyVerified)('treats a 422 for %s that says "%s" as already verified', async (channel, text) => {
    expect(await confirm(says(422, text), channel)).toEqual({ type: 'alreadyVerified' });
  });

  it.each(notVerified)('is wrong for a 422 for %s that says %j', async (channel, text) => {
    expect(await confirm(says(422, text), channel)).toEqual({ type: 'wrong' });
  });

  it.each([
    ['400', { status: 400 }],
    ['400 with a page', page(400, '<h1>Bad</h1>')],
    ['404', { status: 404 }],
    ['422 with nothing', page(422, '')],
  ] satisfies [string, Fault][])('is wrong for a %s', async (_, fault) => {
    expect(await confirm(fault)).toEqual({ type: 'wrong' });
  });

  it.each([
    ...bare,
    ['an empty object', { status: 200, body: {} }],
    ['no verdict', data({ user_id: 'ada', type: 'email' })],
    ['a verdict in words', data({ success: 'true' })],
    ['a verdict as a number', data({ success: 1 })],
    ['a null verdict', data({ success: null })],
    ['the verdict elsewhere', { status: 200, body: { success: true } }],
  ] satisfies [string, Fault][])('is unknown for a 200 with %s', async (_, fault) => {
    expect(await typeOf(confirm(fault))).toBe('ProviderOutcomeUnknown');
  });

  it.each([...unknownOutcomes, ['202', { status: 202, body: { data: { success: true } } }], ['204', page(204, '')]])(
    'is unknown for %s, and never asked again blindly',
    async (_, fault) => {
      expect(await errorOf(confirm(fault))).toMatchObject({
        type: 'ProviderOutcomeUnknown',
        nonRetryable: true,
      });
    },
  );

  it.each([
    ['401', { status: 401 }, { type: 'ProviderCredentials', nonRetryable: true }],
    ['403', { status: 403 }, { type: 'ProviderCredentials', nonRetryable: true }],
    ['405', { status: 405 }, { type: 'ProviderRefused', nonRetryable: true }],
    ['413', { status: 413 }, { type: 'ProviderRefused', nonRetryable: true }],
    ['429 with a time', { status: 429, retryAfter: 7 }, { type: 'ProviderRateLimited', details: [7_000] }],
    ['429 without one', { status: 429 }, { type: 'ProviderRateLimited', details: [60_000], nonRetryable: true }],
    ['503', { status: 503 }, { type: 'ProviderUnreached', nonRetryable: false }],
  ] satisfies [string, Fault, object][])('is not judged for a %s', async (_, fault, failure) => {
    expect(await errorOf(confirm(fault))).toMatchObject(failure);
  });
});

describe("the provider's record of a user", () => {
  const read = (fault: Fault) => ask.read(answered('read', fault));
  const requires = (requirements: unknown) => data({ user_id: 'ada', status: 'PENDING', requirements });

  it('says which channels are verified, and sends nothing', async () => {
    sfox.verify('edith', 'email');
    expect(await ask.read('edith')).toEqual({ email: 'verified', sms: 'open' });
    expect(await ask.read('nobody-yet')).toEqual({ email: 'open', sms: 'open' });
    expect([sfox.outbox('edith'), sfox.outbox('nobody-yet')]).toEqual([[], []]);
  });

  it.each([
    ['both true', { email: true, sms: true, tax: true }, { email: 'open', sms: 'open' }],
    ['both false', { email: false, sms: false }, { email: 'verified', sms: 'verified' }],
    ['one missing', { email: false }, { email: 'verified', sms: null }],
    ['nulls', { email: null, sms: null }, { email: null, sms: null }],
    ['words', { email: 'false', sms: 0 }, { email: null, sms: null }],
    ['nothing', {}, { email: null, sms: null }],
    ['null for the whole', null, { email: null, sms: null }],
    ['a list for the whole', [false, false], { email: null, sms: null }],
    ['no requirements at all', undefined, { email: null, sms: null }],
  ])('reads requirements with %s', async (_, requirements, record) => {
    expect(await read(requires(requirements))).toEqual(record);
  });

  it.each([...bare, ['no data', { status: 200, body: {} }], ['null data', { status: 200, body: { data: null } }]])(
    'is unknown for a 200 with %s, and may be asked for again',
    async (_, fault) => {
      const failure = { type: 'ProviderOutcomeUnknown', nonRetryable: false };
      expect(await errorOf(read(fault))).toMatchObject(failure);
    },
  );

  it.each([
    ...unknownOutcomes.map(([what, fault]): [string, Fault, string, boolean] => [
      what,
      fault,
      'ProviderOutcomeUnknown',
      true,
    ]),
    ['400', { status: 400 }, 'ProviderRefused', false],
    ['404', { status: 404 }, 'ProviderRefused', false],
    ['422 that says verified', says(422, 'Email already verified'), 'ProviderRefused', false],
    ['401', { status: 401 }, 'ProviderCredentials', false],
    ['403', { status: 403 }, 'ProviderCredentials', false],
    ['429', { status: 429 }, 'ProviderRateLimited', false],
    ['503', { status: 503 }, 'ProviderUnreached', true],
  ] as [string, Fault, string, boolean][])('is not there for %s', async (_, fault, type, again) => {
    expect(await errorOf(read(fault))).toMatchObject({ type, nonRetryable: !again });
  });
});

describe('the way to the provider', () => {
  it.each(['a/b?c=d#e', 'a b', '%2e%2e', '..%2fada', 'jürgen', '...', 'a:b_c-1.2'])(
    'carries the user id %j whole',
    async (userId) => {
      expect(await ask.read(userId)).toEqual({ email: 'open', sms: 'open' });
      expect(sfox.requests().at(-1)).toMatchObject({ call: 'read', userId, status: 200 });
    },
  );

  it.each(['', '.', '..', '\ud800'])('asks nothing for the user id %j', async (userId) => {
    const before = sfox.requests().length;
    const sent = provider.sends.sendCode({ userId, channel: 'email', timeout: 2_000, retryFor: 0 });
    expect(await errorOf(sent)).toMatchObject({ nonRetryable: true });
    await errorOf(ask.confirm('email', userId));
    expect(await errorOf(ask.read(userId))).toMatchObject({ type: expect.stringMatching(/^Provider/) });
    expect(sfox.requests()).toHaveLength(before);
  });

  it('is closed to a key that the provider does not take', async () => {
    const stranger = asking(sfox.url, 'another-key');
    const types = await Promise.all([stranger.send(), stranger.confirm(), stranger.read()].map(typeOf));
    expect(new Set(types)).toEqual(new Set(['ProviderCredentials']));
  });

  it('is unreached during an outage, whatever is asked', async () => {
    sfox.outage(true);
    try {
      const types = await Promise.all([ask.send(), ask.confirm(), ask.read()].map(typeOf));
      expect(new Set(types)).toEqual(new Set(['ProviderUnreached']));
    } finally {
      sfox.outage(false);
    }
  });
});
