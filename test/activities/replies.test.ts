import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel } from '../../activities/contract.ts';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import type { Provider } from '../../activities/sfox/provider-activities.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Call, Fault, Sfox } from '../../sandbox/sfox/index.ts';
import { createProviderCalls, errorOf, typeOfOutcome } from './call-provider.ts';
import type { ProviderCalls } from './call-provider.ts';
import { closeServers } from './servers.ts';

let sfox: Sfox;
let calls: ProviderCalls;
let provider: Provider;
let users = 0;

beforeAll(async () => {
  sfox = await startSfox();
  calls = createProviderCalls(sfox.url, sfox.apiKey);
  provider = createProviderActivities({ baseUrl: sfox.url, apiKey: sfox.apiKey });
});

afterAll(async () => {
  provider.close();
  await closeServers();
  await sfox.close();
});

/** Creates a user whose next call of this kind gets this reply. */
function createUserWithFault(call: Call, fault: Fault): string {
  const userId = `user-${(users += 1)}`;
  sfox.script(userId, call, [fault]);
  return userId;
}

const errorReply = (status: number, error: string): Fault => ({ status, body: { error } });
const dataReply = (fields: object): Fault => ({ status: 200, body: { data: fields } });
const htmlReply = (status: number, body: string): Fault => ({ status, body, contentType: 'text/html' });

/** Texts that both a send and a confirm treat as already verified. */
const alreadyVerified: [Channel, string][] = [
  ['email', 'Email already verified'],
  ['email', 'email already verified.'],
  ['email', ' Email already verified '],
  ['email', 'Email is already verified'],
  ['email', 'Email has already been verified'],
  ['email', 'E-mail address has been already verified!'],
  ['email', 'User email has already been verified'],
  ['email', "The user's email address is already verified."],
  ['email', 'This email has been verified already'],
  ['email', 'EMAIL_ALREADY_VERIFIED'],
  ['email', 'Email already verified for this user'],
  ['sms', 'User phone number has already been verified'],
  ['sms', 'Mobile number already verified'],
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
  ['email', 'User has already been verified'],
  ['email', 'User phone has already been verified'],
  ['email', 'Email has not already been verified'],
  ['email', 'Email must be already verified'],
  ['email', 'Account is not eligible'],
  ['email', ''],
];

const unreadableBodies: [string, Fault][] = [
  ['an HTML page', 'html'],
  ['an empty body', htmlReply(200, '')],
  ['half a JSON text', htmlReply(200, '{"data":{"user_id":"ada"')],
  ['a list', { status: 200, body: [{ data: { success: true } }] }],
  ['a string', { status: 200, body: 'sent' }],
  ['a number', { status: 200, body: 1 }],
  ['null', htmlReply(200, 'null')],
];

const unknownOutcomes: [string, Fault][] = [
  ['302', { status: 302 }],
  ['304', htmlReply(304, '')],
  ['408', { status: 408 }],
  ['500', { status: 500 }],
  ['500 with a page', htmlReply(500, '<h1>Oops</h1>')],
  ['500 that says already verified', errorReply(500, 'Email already verified')],
  ['502', { status: 502 }],
  ['504', { status: 504 }],
  ['501', { status: 501 }],
  ['599', { status: 599 }],
  ['a reset before the work', 'reset-before'],
  ['a reset after the work', 'reset-after'],
];

describe('the reply to a request for a code', () => {
  const send = (fault: Fault, channel: Channel = 'email') => calls.send(channel, createUserWithFault('send', fault));

  it('is sent, with a masked address, if the provider accepted it', async () => {
    sfox.verify('grace', 'email');
    expect(await calls.send('email', 'ada')).toEqual({ type: 'sent', to: 'a•••@e•••' });
    expect(await calls.send('sms', 'grace')).toEqual({ type: 'sent', to: expect.stringMatching(/^•••\d\d$/) });
    expect(sfox.outbox('ada')).toHaveLength(1);
  });

  it('is a transition, not a failure, if the channel is already verified', async () => {
    sfox.verify('alan', 'email');
    sfox.verify('alan', 'sms');
    expect(await calls.send('email', 'alan')).toEqual({ type: 'alreadyVerified' });
    expect(await calls.send('sms', 'alan')).toEqual({ type: 'alreadyVerified' });
    expect(sfox.outbox('alan')).toEqual([]);
  });

  it.each([
    [
      'of the legacy form, with the number in `email`',
      'sms',
      dataReply({ type: 'sms', email: '+15551234567' }),
      '•••67',
    ],
    [
      'with both fields, of which the newer counts',
      'sms',
      dataReply({ email: 'x@y.z', phone_number: '+1555000' }),
      '•••00',
    ],
    ['with a null address', 'email', dataReply({ user_id: null, type: null, email: null }), null],
    ['with an address that is not a string', 'email', dataReply({ email: { name: 'ada' } }), null],
    ['with an empty address', 'email', dataReply({ email: '' }), null],
    ['with the number of an sms in neither field', 'sms', dataReply({ number: '+15551234567' }), null],
    ['with the number in the wrong field for an e-mail', 'email', dataReply({ phone_number: '+15551234567' }), null],
    ['with unknown fields', 'email', dataReply({ email: 'a@b.c', carrier: 'x' }), 'a•••@b•••'],
    ['without data', 'email', { status: 200, body: {} }, null],
    ['with data that is null', 'email', { status: 200, body: { data: null } }, null],
    ['with data that is a list', 'email', { status: 200, body: { data: [] } }, null],
  ] satisfies [string, Channel, Fault, string | null][])('is sent for a 200 %s', async (_, channel, fault, to) => {
    expect(await send(fault, channel)).toEqual({ type: 'sent', to });
  });

  it.each([
    ['202', { status: 202, body: { data: { email: 'ada@example.test' } } }, 'a•••@e•••'],
    ['202 with a page', htmlReply(202, '<p>Accepted</p>'), null],
    ['204', htmlReply(204, ''), null],
  ] satisfies [string, Fault, string | null][])('is sent for a %s', async (_, fault, to) => {
    expect(await send(fault)).toEqual({ type: 'sent', to });
  });

  it.each(alreadyVerified)('treats a 422 for %s that says "%s" as already verified', async (channel, text) => {
    expect(await send(errorReply(422, text), channel)).toEqual({ type: 'alreadyVerified' });
  });

  it('is already verified if an object contains the text', async () => {
    const fault = { status: 422, body: { error: { message: 'User email has already been verified', code: 17 } } };
    expect(await send(fault)).toEqual({ type: 'alreadyVerified' });
    expect(await send(fault, 'sms')).toMatchObject({ type: 'refused' });
  });

  it.each(notVerified)('refuses for a 422 for %s that says %j', async (channel, text) => {
    expect(await send(errorReply(422, text), channel)).toEqual({
      type: 'refused',
      detail: expect.stringMatching(/^422/),
    });
  });

  it.each([
    ['400', errorReply(400, 'type is invalid'), '400 type is invalid'],
    ['400 that says already verified', errorReply(400, 'Email already verified'), '400 Email already verified'],
    ['405', { status: 405 }, '405 Status 405'],
    ['406', { status: 406 }, '406 Status 406'],
    ['409', { status: 409 }, '409 Status 409'],
    ['413', htmlReply(413, '<h1>Too large</h1>'), '413'],
    ['422 with a page', htmlReply(422, 'Email already verified'), '422'],
    ['422 with a list', { status: 422, body: ['Email already verified'] }, '422'],
    ['422 with an unknown text in an object', { status: 422, body: { error: { message: 'No' } } }, '422 No'],
    ['422 whose error is an object', { status: 422, body: { error: { text: 'Email already verified' } } }, '422'],
    ['422 with the text in another field', { status: 422, body: { message: 'Email already verified' } }, '422'],
  ] satisfies [string, Fault, string][])('refuses for a %s', async (_, fault, detail) => {
    expect(await send(fault)).toEqual({ type: 'refused', detail });
  });

  it.each([
    ['401', { status: 401 }, 'ProviderCredentials'],
    ['403', { status: 403 }, 'ProviderCredentials'],
    ['403 with the page of a firewall', htmlReply(403, '<h1>Forbidden</h1>'), 'ProviderOutOfService'],
    ['404', errorReply(404, 'User not found'), 'ProviderUnknownUser'],
    ['429', { status: 429 }, 'ProviderRateLimited'],
    ['503', { status: 503 }, 'ProviderOutOfService'],
    ['503 with a page', htmlReply(503, '<h1>Maintenance</h1>'), 'ProviderOutOfService'],
  ] satisfies [string, Fault, string][])('is a failure for a %s', async (_, fault, type) => {
    expect(await typeOfOutcome(send(fault))).toBe(type);
  });

  it.each([
    ...unreadableBodies.map(([what, fault]): [string, Fault] => [`200 with ${what}`, fault]),
    ...unknownOutcomes,
  ])('is unknown for %s: a code may have been sent', async (_, fault) => {
    expect(await typeOfOutcome(send(fault))).toBe('ProviderOutcomeUnknown');
  });

  it('is unknown if the connection is reset, whether or not the code was sent', async () => {
    const [before, after] = [createUserWithFault('send', 'reset-before'), createUserWithFault('send', 'reset-after')];
    expect(await typeOfOutcome(calls.send('email', before))).toBe('ProviderOutcomeUnknown');
    expect(await typeOfOutcome(calls.send('email', after))).toBe('ProviderOutcomeUnknown');
    expect([sfox.outbox(before), sfox.outbox(after)]).toEqual([[], [expect.anything()]]);
  });
});

const about = (userId: string) => ({ userId, provider: null, channel: 'email', timeout: 10_000 }) as const;

describe('the activity that sends', () => {
  const send = (userId: string) => provider.sends.sendCode({ ...about(userId), retryFor: 0, unknownUserFor: 0 });

  it("returns the provider's definite reply", async () => {
    expect(await send('joan')).toEqual({ type: 'sent', to: 'j•••@e•••' });
    expect(await send(createUserWithFault('send', errorReply(422, 'Email already verified')))).toEqual({
      type: 'alreadyVerified',
    });
    expect(await send(createUserWithFault('send', errorReply(400, 'none')))).toEqual({
      type: 'refused',
      detail: '400 none',
    });
  });

  it.each([
    ['401', { status: 401 }, 'ProviderCredentials'],
    ['500', { status: 500 }, 'ProviderOutcomeUnknown'],
    ['a reset', 'reset-after', 'ProviderOutcomeUnknown'],
    ['an unreadable 200', 'html', 'ProviderOutcomeUnknown'],
  ] satisfies [string, Fault, string][])('is never repeated after %s', async (_, fault, type) => {
    expect(await errorOf(send(createUserWithFault('send', fault)))).toMatchObject({ type, nonRetryable: true });
  });
});

describe('the reply to a code', () => {
  const confirm = (fault: Fault, channel: Channel = 'email') =>
    calls.confirm(channel, createUserWithFault('confirm', fault));

  it('is correct or incorrect as the provider says', async () => {
    const confirm = (code: string) => provider.checks.confirmCode({ ...about('mary'), code });
    await calls.send('email', 'mary');
    const code = sfox.outbox('mary').at(-1)?.code ?? '';
    expect(await confirm(code === '000000' ? '111111' : '000000')).toEqual({ type: 'wrong' });
    expect(await confirm(code)).toEqual({ type: 'right' });
    expect(await confirm(code)).toEqual({ type: 'alreadyVerified' });
  });

  it.each([
    [true, 'right'],
    [false, 'wrong'],
  ])('reads success: %s as %s, even if other fields are missing', async (success, type) => {
    expect(await confirm(dataReply({ success }))).toEqual({ type });
    expect(await confirm(dataReply({ success, user_id: null, type: 7 }))).toEqual({ type });
  });

  it.each(alreadyVerified)('treats a 422 for %s that says "%s" as already verified', async (channel, text) => {
    expect(await confirm(errorReply(422, text), channel)).toEqual({ type: 'alreadyVerified' });
  });

  it.each(notVerified)('is wrong for a 422 for %s that says %j', async (channel, text) => {
    expect(await confirm(errorReply(422, text), channel)).toEqual({ type: 'wrong' });
  });

  it.each([
    ['400', { status: 400 }],
    ['400 with a page', htmlReply(400, '<h1>Bad</h1>')],
    ['404', { status: 404 }],
    ['422 with nothing', htmlReply(422, '')],
  ] satisfies [string, Fault][])('is wrong for a %s', async (_, fault) => {
    expect(await confirm(fault)).toEqual({ type: 'wrong' });
  });

  it.each([
    ...unreadableBodies,
    ['an empty object', { status: 200, body: {} }],
    ['no `success` field', dataReply({ user_id: 'ada', type: 'email' })],
    ['`success` as a string', dataReply({ success: 'true' })],
    ['`success` as a number', dataReply({ success: 1 })],
    ['`success` as null', dataReply({ success: null })],
    ['`success` outside of `data`', { status: 200, body: { success: true } }],
  ] satisfies [string, Fault][])('is unknown for a 200 with %s', async (_, fault) => {
    expect(await typeOfOutcome(confirm(fault))).toBe('ProviderOutcomeUnknown');
  });

  it.each([
    ...unknownOutcomes,
    ['202', { status: 202, body: { data: { success: true } } }],
    ['204', htmlReply(204, '')],
  ])('is unknown for %s, and never retried without a check', async (_, fault) => {
    expect(await errorOf(confirm(fault))).toMatchObject({
      type: 'ProviderOutcomeUnknown',
      nonRetryable: true,
    });
  });

  it.each([
    ['401', { status: 401 }, { type: 'ProviderCredentials', nonRetryable: true }],
    ['403', { status: 403 }, { type: 'ProviderCredentials', nonRetryable: true }],
    ['405', { status: 405 }, { type: 'ProviderRefused', nonRetryable: true }],
    ['413', { status: 413 }, { type: 'ProviderRefused', nonRetryable: true }],
    ['429 with a time', { status: 429, retryAfter: 7 }, { type: 'ProviderRateLimited', details: [7_000] }],
    ['429 without one', { status: 429 }, { type: 'ProviderRateLimited', details: [60_000], nonRetryable: true }],
    [
      '403 with the page of a firewall',
      htmlReply(403, '<p>No</p>'),
      { type: 'ProviderOutOfService', nonRetryable: true },
    ],
    ['503', { status: 503 }, { type: 'ProviderOutOfService', nonRetryable: true }],
  ] satisfies [string, Fault, object][])('is a failed check for a %s', async (_, fault, failure) => {
    expect(await errorOf(confirm(fault))).toMatchObject(failure);
  });
});

describe("the provider's record of a user", () => {
  const read = (fault: Fault) => calls.read(createUserWithFault('read', fault));
  /** A record of the next user that `createUserWithFault` creates. */
  const requires = (requirements: unknown) =>
    dataReply({ user_id: `user-${users + 1}`, status: 'PENDING', requirements });

  it('shows which channels are verified, without sending a code', async () => {
    sfox.verify('edith', 'email');
    const provider = { status: 'PENDING', isSupported: true };
    expect(await calls.read('edith')).toEqual({
      email: 'verified',
      sms: 'open',
      provider: { ...provider, open: ['sms'] },
    });
    expect(await calls.read('erin')).toEqual({
      email: 'open',
      sms: 'open',
      provider: { ...provider, open: ['email', 'sms'] },
    });
    expect([sfox.outbox('edith'), sfox.outbox('erin')]).toEqual([[], []]);
  });

  it.each([
    ['both true', { email: true, sms: true, tax: true }, { email: 'open', sms: 'open' }],
    ['both false', { email: false, sms: false }, { email: 'verified', sms: 'verified' }],
    ['one missing', { email: false }, { email: 'verified', sms: null }],
    ['nulls', { email: null, sms: null }, { email: null, sms: null }],
    ['values that are not booleans', { email: 'false', sms: 0 }, { email: null, sms: null }],
    ['no fields', {}, { email: null, sms: null }],
    ['null for the whole', null, { email: null, sms: null }],
    ['a list for the whole', [false, false], { email: null, sms: null }],
    ['no requirements at all', undefined, { email: null, sms: null }],
  ])('reads requirements with %s', async (_, requirements, record) => {
    expect(await read(requires(requirements))).toMatchObject(record);
  });

  it.each([
    ...unreadableBodies,
    ['no data', { status: 200, body: {} }],
    ['null data', { status: 200, body: { data: null } }],
  ])('is unknown for a 200 with %s, and may be retried', async (_, fault) => {
    const failure = { type: 'ProviderOutcomeUnknown', nonRetryable: false };
    expect(await errorOf(read(fault))).toMatchObject(failure);
  });

  it.each([
    ...unknownOutcomes.map(([what, fault]): [string, Fault, string, boolean] => [
      what,
      fault,
      'ProviderOutcomeUnknown',
      true,
    ]),
    ['400', { status: 400 }, 'ProviderRefused', false],
    ['404', { status: 404 }, 'ProviderRefused', false],
    ['422 that says verified', errorReply(422, 'Email already verified'), 'ProviderRefused', false],
    ['401', { status: 401 }, 'ProviderCredentials', false],
    ['403', { status: 403 }, 'ProviderCredentials', false],
    ['429', { status: 429 }, 'ProviderRateLimited', false],
    ['403 with the page of a firewall', htmlReply(403, '<p>No</p>'), 'ProviderOutOfService', true],
    ['503', { status: 503 }, 'ProviderOutOfService', true],
  ] as [string, Fault, string, boolean][])('is unavailable for %s', async (_, fault, type, isRetryable) => {
    expect(await errorOf(read(fault))).toMatchObject({ type, nonRetryable: !isRetryable });
  });
});

describe('a request for a user id', () => {
  it.each(['a/b?c=d#e', 'a b', '%2e%2e', '..%2fada', 'jürgen', '...', 'a:b_c-1.2'])(
    'contains the complete user id %j',
    async (userId) => {
      expect(await calls.read(userId)).toMatchObject({ email: 'open', sms: 'open' });
      expect(sfox.requests().at(-1)).toMatchObject({ call: 'read', userId, status: 200 });
    },
  );

  it.each(['', '.', '..', '\ud800'])('is not sent for the user id %j', async (userId) => {
    const before = sfox.requests().length;
    const sent = provider.sends.sendCode({ ...about(userId), retryFor: 0, unknownUserFor: 0 });
    expect(await errorOf(sent)).toMatchObject({ nonRetryable: true });
    await errorOf(calls.confirm('email', userId));
    expect(await errorOf(calls.read(userId))).toMatchObject({ type: expect.stringMatching(/^Provider/) });
    expect(sfox.requests()).toHaveLength(before);
  });

  it('fails for a key that the provider rejects', async () => {
    const withWrongKey = createProviderCalls(sfox.url, 'another-key');
    const types = await Promise.all(
      [withWrongKey.send(), withWrongKey.confirm(), withWrongKey.read()].map(typeOfOutcome),
    );
    expect(new Set(types)).toEqual(new Set(['ProviderCredentials']));
  });

  it('fails as out of service during an outage, for every call', async () => {
    sfox.outage(true);
    try {
      const types = await Promise.all([calls.send(), calls.confirm(), calls.read()].map(typeOfOutcome));
      expect(new Set(types)).toEqual(new Set(['ProviderOutOfService']));
    } finally {
      sfox.outage(false);
    }
  });
});
