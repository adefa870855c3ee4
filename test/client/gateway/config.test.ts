import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { codecOrigins, rate, tokens, webhookSecrets } from '../../../client/gateway/config.ts';
import { trustedProxies } from '../../../client/gateway/trusted-proxies.ts';
import { findToken, isAllowed } from '../../../client/gateway/plugins/tokens.ts';

const hex = (text: string) => createHash('sha256').update(text).digest('hex');

describe('tokens', () => {
  const parsed = tokens({
    ONWARD_TOKENS: `app:shop:a-token-of-the-shop:with-colons operator:night:sha256:${hex('a token that was hashed')}`,
  });

  it('are stored only as digests, whether configured in clear or hashed', () => {
    expect(findToken('a-token-of-the-shop:with-colons', parsed)).toMatchObject({ role: 'app', name: 'shop' });
    expect(findToken('a token that was hashed', parsed)).toMatchObject({ role: 'operator', name: 'night' });
    expect(findToken(hex('a token that was hashed'), parsed)).toBeUndefined();
    expect(findToken('', parsed)).toBeUndefined();
    expect(JSON.stringify(parsed)).not.toContain('a-token-of-the-shop');
  });

  it('of an operator have the permissions of a viewer, and no other role has', () => {
    expect(isAllowed('operator', ['viewer'])).toBe(true);
    expect(isAllowed('operator', ['app'])).toBe(false);
    expect(isAllowed('viewer', ['operator'])).toBe(false);
    expect(isAllowed('app', ['viewer'])).toBe(false);
  });

  it.each([
    ['', /ONWARD_TOKENS is missing/],
    ['admin:x:0123456789abcdef', /must begin with one of the roles app, viewer, operator \(token 1\)/],
    ['app:shop:0123456789abcdef viewer', /must have a name of 1 to 64 .* \(token 2\)/],
    ['app:shop:short', /at least 16/],
    ['app:shop:0123456789abcdef app:other:0123456789abcdef', /contain the same token twice: token 1 and token 2/],
    ['app:shop:0123456789abcdef viewer:shop:0123456789abcdef', /the same token twice/],
    [
      'app:shop:0123456789abcdef app:shop:fedcba9876543210',
      /repeats the name app:shop; during a rotation.*app:shop:previous/,
    ],
    ['app:shop:previous:short', /at least 16/],
    ['app:shop:sha256:abc', /a SHA-256 digest of 64/],
  ])('that are invalid are identified and not shown: %j', (text, problem) => {
    expect(() => tokens({ ONWARD_TOKENS: text })).toThrow(problem);
    expect(() => tokens({ ONWARD_TOKENS: text })).not.toThrow(/0123456789abcdef/);
  });
});

describe('the other settings of the gateway', () => {
  it('may be several secrets', () => {
    const [one, two] = [`whsec_${'A'.repeat(32)}`, `whsec_${'B'.repeat(32)}`];
    expect(webhookSecrets({ ONWARD_WEBHOOK_SECRETS: `${one} ${two}` })).toEqual([one, two]);
    expect(() => webhookSecrets({ ONWARD_WEBHOOK_SECRETS: `${one} hidden` })).toThrow(/secret 2/);
    expect(() => webhookSecrets({ ONWARD_WEBHOOK_SECRETS: `${one} hidden` })).not.toThrow(/hidden/);
    const short = `whsec_${Buffer.alloc(23).toString('base64')}`;
    expect(() => webhookSecrets({ ONWARD_WEBHOOK_SECRETS: short })).toThrow(/24 to 64 bytes/);
    expect(() => webhookSecrets({})).toThrow(/is missing/);
  });

  it('have defaults, and name what is wrong', () => {
    expect(rate({})).toEqual({ calls: 1_000, within: 10_000 });
    expect(rate({ ONWARD_RATE: '5/1 minute' })).toEqual({ calls: 5, within: 60_000 });
    for (const wrong of ['0/10s', '10', '10/', 'x/10s', '10/10', '-1/1s']) {
      expect(() => rate({ ONWARD_RATE: wrong })).toThrow(/ONWARD_RATE must be a number of calls and a time span/);
    }
    expect(trustedProxies({})).toBe(false);
    expect(trustedProxies({ ONWARD_TRUST_PROXY: '2' })).toBe(2);
    const proxies = ['10.0.0.0/8', '192.168.1.7', 'fd00::/8'];
    expect(trustedProxies({ ONWARD_TRUST_PROXY: proxies.join(' ') })).toEqual(proxies);
    expect(trustedProxies({ ONWARD_TRUST_PROXY: proxies.join(', ') })).toEqual(proxies);
    for (const wrong of ['on', 'yes', '0', '11', '10.0.0.0/33', '10.0.0.0/0', 'fd00::/129', '10.0.0', '1.2.3.4/8/8']) {
      expect(() => trustedProxies({ ONWARD_TRUST_PROXY: wrong })).toThrow(/ONWARD_TRUST_PROXY must/);
    }
    expect(codecOrigins({})).toEqual([]);
    expect(codecOrigins({ ONWARD_CODEC_ORIGINS: 'http://127.0.0.1:8233 https://temporal.example.com' })).toHaveLength(
      2,
    );
    expect(() => codecOrigins({ ONWARD_CODEC_ORIGINS: '*' })).toThrow(/must be an origin/);
  });
});
