import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventRules } from '../../../client/config/policy-file.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { callsOf, waitUntil, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

const signup = (userId: unknown, more: object = {}) => ({
  type: 'user.created',
  timestamp: new Date().toISOString(),
  data: { userId, accountType: 'individual' },
  ...more,
});

describe('a sign-up event', () => {
  it('makes one journey and one first send, however often and in any order it arrives', async () => {
    const ada = uniqueUserId('ada');
    const events = [1, 2, 3].flatMap((n) => [
      signup(ada),
      signup(ada, { timestamp: new Date(Date.now() - n * 60_000) }),
    ]);
    const answers = await Promise.all(events.map((event, n) => gateway.deliver(event, { id: `msg_${n % 2}` })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    const outcomes = answers.map(({ body }) => body.journey as string);
    expect(outcomes.filter((journey) => journey === 'started')).toHaveLength(1);
    expect(outcomes.filter((journey) => journey === 'existing')).toHaveLength(5);
    await waitForPosition(gateway.stack, ada, 'emailPending.awaitingCode');
    expect(callsOf(gateway.stack, ada)).toEqual(['send email 200']);
  });

  it('of another account type changes nothing', async () => {
    const bo = uniqueUserId('bo');
    expect((await gateway.deliver(signup(bo))).body.journey).toBe('started');
    const other = signup(bo, { data: { userId: bo, accountType: 'business' } });
    expect(await gateway.deliver(other)).toMatchObject({ status: 202, body: { userId: bo, journey: 'existing' } });
    expect((await gateway.stack.onward.status(bo)).accountType).toBe('individual');
  });

  it('of another type, or older than a journey may live, is ignored', async () => {
    const cy = uniqueUserId('cy');
    const ignored = { status: 202, body: { userId: cy, journey: 'ignored' } };
    expect(await gateway.deliver(signup(cy, { type: 'user.updated' }))).toMatchObject(ignored);
    const old = new Date(Date.now() - 8 * 24 * 3_600_000).toISOString();
    expect(await gateway.deliver(signup(cy, { timestamp: old }))).toMatchObject(ignored);
    await expect(gateway.stack.onward.status(cy)).rejects.toMatchObject({ code: 'not_found' });
    expect(await gateway.deliver({ type: 'session.ended' })).toMatchObject({
      body: { userId: null, journey: 'ignored' },
    });
  });

  it('may be a CloudEvent in structured mode', async () => {
    const di = uniqueUserId('di');
    const event = {
      specversion: '1.0',
      id: 'evt-1',
      source: '/shop',
      type: 'user.created',
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: { userId: di },
    };
    const answer = await gateway.deliver(event, { type: 'application/cloudevents+json; charset=utf-8' });
    expect(answer).toMatchObject({ status: 202, body: { userId: di, journey: 'started' } });
  });

  it('is refused as any other type of body, with those that are read', async () => {
    const answer = await gateway.deliver(signup(uniqueUserId('fay')), { type: 'text/plain' });
    const detail = 'send the body as application/json or application/cloudevents+json';
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type', detail } });
    const started = await gateway.call('POST', '/v1/users/fay/onboarding', {
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(started).toMatchObject({ status: 415, body: { detail: 'send the body as application/json' } });
  });

  it('is rejected with any other signature, time or secret, without saying which', async () => {
    const body = signup(uniqueUserId('eve'));
    const stranger = `whsec_${Buffer.from('the secret of another sender').toString('base64')}`;
    const early = new Date(Date.now() + 6 * 60_000);
    const late = new Date(Date.now() - 6 * 60_000);
    const answers = [
      await gateway.deliver(body, { secret: stranger }),
      await gateway.deliver(body, { at: early }),
      await gateway.deliver(body, { at: late }),
      await gateway.call('POST', '/v1/events', { as: null, body }),
    ];
    for (const { status, body } of answers) expect([status, body.code]).toEqual([401, 'bad_signature']);
    expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1);
  });

  it('may be signed by an older secret', async () => {
    const older = `whsec_${Buffer.from('an older secret of the events').toString('base64')}`;
    expect(await gateway.deliver(signup(uniqueUserId('flo')), { secret: older })).toMatchObject({ status: 202 });
  });

  it.each([
    [signup('a@b.example'), /must not be an e-mail address/],
    [signup(4.2), /\/data\/userId/],
    [signup(2 ** 53), /below 2\^53/],
    [signup('facebook|4711'), /events\.userId: \[\/data\/userId\]/],
    [signup('ok', { timestamp: 1e15 }), /\/timestamp .*seconds or milliseconds/],
    [signup(''), /1 to 128/],
    [signup('ok', { data: { userId: 'ok', accountType: 'corporation' } }), /individual, business/],
    [signup('ok', { timestamp: 'yesterday' }), /timestamp/],
    [[], /JSON object/],
    ['{', /not valid JSON/],
    [{}, /\/type/],
  ])('that is invalid gets a problem that says what is valid: %j', async (event, right) => {
    const { status, body } = await gateway.deliver(event);
    expect([status, body.code]).toEqual([400, 'bad_request']);
    expect(body.detail).toMatch(right);
  });
});

describe('rules of the policy file', () => {
  it('are two journeys for two people whose Auth0 ids differ only in the provider before the |', async () => {
    const rules: EventRules = {
      type: '/type',
      types: ['user.created'],
      userId: ['/data/object/user_id'],
      accountType: { at: '/data/kind', default: 'individual', map: { corporation: 'business', '': 'individual' } },
    };
    await withRules(rules, async (other) => {
      const id = uniqueUserId('4711');
      const event = (user_id: string, kind: unknown, time: unknown) => ({
        specversion: '1.0',
        type: 'user.created',
        time,
        data: { kind, object: { user_id, identities: [{ user_id: 4711, provider: 'github' }] } },
      });
      const seconds = Math.floor(Date.now() / 1_000);
      const [one, two] = [`facebook|${id}`, `google-oauth2|${id}`];
      expect((await other.deliver(`\uFEFF${JSON.stringify(event(one, 'corporation', seconds))}`)).body).toEqual({
        userId: `facebook.7C${id}`,
        journey: 'started',
      });
      expect((await other.deliver(event(two, '', String(seconds * 1_000)))).body.journey).toBe('started');
      expect((await other.stack.onward.status(`facebook.7C${id}`)).accountType).toBe('business');
      expect((await other.deliver(event(one, 'corporation', 1_600_000_000))).body.journey).toBe('ignored');
      expect((await other.deliver({ type: 'user.updated' })).body.journey).toBe('ignored');
      expect((await other.deliver({ type: 'user.deleted' })).body.journey).toBe('ignored');
      const { body } = await other.call('GET', '/metrics', { as: 'viewer' });
      expect(body).toContain('onward_events_ignored_total{reason="too_old"} 1');
      expect(body).toContain('onward_events_ignored_total{reason="other_type"} 2');
      const warnings = other.logged.filter((line) => line.includes('counted in onward_events_ignored_total'));
      expect(warnings).toHaveLength(2);
    });
  });

  it('fit what Clerk publishes, under the headers of Svix, by which it sends', async () => {
    await withRules(
      {
        type: '/type',
        types: ['user.created'],
        userId: '/data/id',
        accountType: { at: '/data/public_metadata/kind', default: 'individual' },
      },
      async (other) => {
        const id = uniqueUserId('user_29w83sxmDNGwOuEthce5gg56FcC');
        const event = {
          data: {
            birthday: '',
            created_at: 1654012591514,
            email_addresses: [
              {
                email_address: 'example@example.org',
                id: 'idn_29w83yL7CwVlJXylYLxcslromF1',
                linked_to: [],
                object: 'email_address',
                verification: { status: 'verified', strategy: 'ticket' },
              },
            ],
            external_accounts: [],
            external_id: '567772',
            id,
            object: 'user',
            public_metadata: {},
            username: null,
          },
          instance_id: 'ins_123',
          object: 'event',
          timestamp: Date.now(),
          type: 'user.created',
        };
        const answer = await other.deliver(event, { headers: 'svix' });
        expect(answer).toMatchObject({ status: 202, body: { userId: id, journey: 'started' } });
        await waitUntil(
          async () => (await other.stack.onward.status(id)).accountType === 'individual',
          'it has a journey',
        );
        expect(other.logged.join('')).not.toContain('example@example.org');
      },
    );
  });

  it('fit what Auth0 publishes', async () => {
    await withRules(
      {
        type: '/type',
        types: ['user.created'],
        userId: '/data/object/identities/0/user_id',
        accountType: { at: '/data/object/app_metadata/kind', default: 'individual' },
      },
      async (other) => {
        const id = uniqueUserId('507f1f77bcf86cd799439020');
        const event = {
          specversion: '1.0',
          type: 'user.created',
          source: 'urn:auth0:example.auth0app.com',
          id: 'evt_1234567890abcdef',
          time: new Date().toISOString(),
          data: {
            object: {
              user_id: `auth0|${id}`,
              email: 'john.doe@example.com',
              identities: [
                { connection: 'Username-Password-Authentication', user_id: id, provider: 'auth0', isSocial: false },
              ],
              app_metadata: { kind: 'business' },
            },
          },
          a0tenant: 'my-tenant',
          a0stream: 'est_1234567890abcdef',
        };
        const answer = await other.deliver(event, { type: 'application/cloudevents+json' });
        expect(answer).toMatchObject({ status: 202, body: { userId: id, journey: 'started' } });
        expect((await other.stack.onward.status(id)).accountType).toBe('business');
      },
    );
  });
});

async function withRules(eventRules: EventRules, act: (gateway: Gateway) => Promise<void>) {
  const other = await startGateway({}, { eventRules });
  try {
    await act(other);
  } finally {
    await other.close();
  }
}
