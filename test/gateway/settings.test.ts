import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { codecOrigins, rate, tokens, trustProxy, webhookSecrets } from '../../client/gateway/settings.ts';
import { holderOf, may } from '../../client/gateway/tokens.ts';

const hex = (text: string) => createHash('sha256').update(text).digest('hex');

describe('tokens', () => {
  const given = tokens({
    ONWARD_TOKENS: `app:shop:a-token-of-the-shop:with-colons operator:night:sha256:${hex('a token that was hashed')}`,
  });

  it('are known by their digest alone, given in clear or hashed', () => {
    expect(holderOf('a-token-of-the-shop:with-colons', given)).toMatchObject({ role: 'app', name: 'shop' });
    expect(holderOf('a token that was hashed', given)).toMatchObject({ role: 'operator', name: 'night' });
    expect(holderOf(hex('a token that was hashed'), given)).toBeUndefined();
    expect(holderOf('', given)).toBeUndefined();
    expect(JSON.stringify(given)).not.toContain('a-token-of-the-shop');
  });

  it('of an operator do what a viewer may, and nobody else does', () => {
    expect(may('operator', ['viewer'])).toBe(true);
    expect(may('operator', ['app'])).toBe(false);
    expect(may('viewer', ['operator'])).toBe(false);
    expect(may('app', ['viewer'])).toBe(false);
  });

  it.each([
    ['', /ONWARD_TOKENS is missing/],
    ['admin:x:0123456789abcdef', /begins with a role that is none of app, viewer, operator \(token 1\)/],
    ['app:shop:0123456789abcdef viewer', /needs a name of 1 to 64 .* \(token 2\)/],
    ['app:shop:short', /shorter than 16/],
    ['app:shop:sha256:abc', /no SHA-256 in 64/],
  ])('that are wrong are named, and not shown: %j', (text, problem) => {
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
      expect(() => rate({ ONWARD_RATE: wrong })).toThrow(/ONWARD_RATE is no rate/);
    }
    expect(trustProxy({})).toBe(false);
    expect(trustProxy({ ONWARD_TRUST_PROXY: 'on' })).toBe(true);
    expect(() => trustProxy({ ONWARD_TRUST_PROXY: 'yes' })).toThrow(/neither on nor off/);
    expect(codecOrigins({})).toEqual([]);
    expect(codecOrigins({ ONWARD_CODEC_ORIGINS: 'http://127.0.0.1:8233 https://temporal.example.com' })).toHaveLength(
      2,
    );
    expect(() => codecOrigins({ ONWARD_CODEC_ORIGINS: '*' })).toThrow(/is no origin/);
  });
});
