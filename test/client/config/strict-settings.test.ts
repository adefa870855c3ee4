import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { providerIdentity, providerSettings } from '../../../client/config/provider-settings.ts';
import {
  encryptionKeys,
  host,
  logLevel,
  policySettings,
  port,
  statusReceiver,
  temporalSettings,
  traceEndpoint,
} from '../../../client/config/env.ts';
import type { Environment } from '../../../client/config/env.ts';
import { oidcSettings } from '../../../client/config/oidc-settings.ts';
import { receiptKeys } from '../../../client/config/receipt-keys.ts';
import { deploymentEnvironment } from '../../../client/config/deployment-environment.ts';
import { codecOrigins, rate, temporalUi, tokens, webhookSecrets } from '../../../client/gateway/config.ts';
import { trustedProxies } from '../../../client/gateway/trusted-proxies.ts';
import { readAll, SettingError } from '../../../client/config/setting-error.ts';
import { parsePolicy } from '../../../client/config/policy-file.ts';
import { sandboxSettings } from '../../../sandbox/config.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'onward-strict-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function refusal(read: () => unknown): { message: string; shown: string } {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return { message: error.message, shown: inspect(error, { depth: 10, showHidden: true }) };
  }
  throw new Error('it was accepted');
}

const key = randomBytes(32).toString('base64');
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const token = randomBytes(24).toString('hex');

/** A good value of each variable, and what reads it. */
const good: Readonly<Record<string, readonly [value: string, read: (env: Environment) => unknown]>> = {
  ONWARD_ENCRYPTION_KEYS: [`2026-01:${key}`, encryptionKeys],
  ONWARD_RECEIPT_KEYS: [`2026-01:${key}`, receiptKeys],
  ENTERPRISE_API_KEY: ['sk_live_4f9a1c77e2b80d33', providerSettings],
  SFOX_BASE_URL: ['https://api.staging.sfox.com', providerSettings],
  SFOX_FORMER_URLS: ['https://api.sfox.com', providerIdentity],
  ONWARD_STATUS_URL: ['https://shop.example.com/onward', statusReceiver],
  ONWARD_STATUS_SECRET: [secret, statusReceiver],
  ONWARD_POLICY: ['policy.yml', policySettings],
  TEMPORAL_ADDRESS: ['temporal.example.com:7233', temporalSettings],
  TEMPORAL_NAMESPACE: ['onboarding', temporalSettings],
  TEMPORAL_API_KEY: ['secret-of-the-cloud', temporalSettings],
  ONWARD_LOG_LEVEL: ['info', logLevel],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['http://127.0.0.1:4318', traceEndpoint],
  ONWARD_HOST: ['0.0.0.0', host],
  ONWARD_PORT: ['8080', (env) => port(env, 'ONWARD_PORT', 8080)],
  ONWARD_TOKENS: [`app:shop:${token}`, tokens],
  ONWARD_WEBHOOK_SECRETS: [secret, webhookSecrets],
  ONWARD_PUBLIC_URL: ['https://onward.example.com', oidcSettings],
  ONWARD_OIDC_ISSUER: ['https://login.example.com/realms/staff', oidcSettings],
  ONWARD_OIDC_CLIENT_ID: ['onward', oidcSettings],
  ONWARD_OIDC_CLIENT_SECRET: ['hidden-client-credential', oidcSettings],
  ONWARD_OIDC_SCOPE: ['openid profile groups', oidcSettings],
  ONWARD_OIDC_ROLE_CLAIM: ['/realm_access/roles', oidcSettings],
  ONWARD_OIDC_ROLES: ['urn:staff:operators:operator, viewers:viewer', oidcSettings],
  ONWARD_OIDC_NAME_CLAIM: ['preferred_username', oidcSettings],
  ONWARD_OIDC_LABEL: ['Example SSO', oidcSettings],
  ONWARD_RATE: ['1000/10s', rate],
  ONWARD_TRUST_PROXY: ['10.0.0.0/8', trustedProxies],
  ONWARD_ENVIRONMENT: ['production:red', deploymentEnvironment],
  ONWARD_TEMPORAL_UI: ['https://temporal.example.com', temporalUi],
  ONWARD_CODEC_ORIGINS: ['http://127.0.0.1:8233', codecOrigins],
};
/** The other half of a pair, so that the one named is all that is wrong. */
const beside = {
  ENTERPRISE_API_KEY: 'sk_live_4f9a1c77e2b80d33',
  SFOX_BASE_URL: 'https://api.staging.sfox.com',
  ONWARD_STATUS_URL: 'https://shop.example.com/onward',
  ONWARD_STATUS_SECRET: secret,
  TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml',
  ONWARD_PUBLIC_URL: 'https://onward.example.com',
  ONWARD_OIDC_ISSUER: 'https://login.example.com',
  ONWARD_OIDC_CLIENT_ID: 'onward',
  ONWARD_OIDC_CLIENT_SECRET: 'hidden-client-credential',
  ONWARD_OIDC_ROLES: 'operators:operator',
};
const isSecret = (name: string) => /KEY|SECRET|TOKEN/.test(name);
const cases = Object.entries(good).map(([name, [value, read]]) => [name, value, read] as const);

describe('every variable', () => {
  it.each(cases)('%s is accepted as it is documented', (name, value, read) => {
    const path = file('policy.yml', 'codeLife: 1 minute\n');
    expect(() => read({ ...beside, [name]: name === 'ONWARD_POLICY' ? path : value })).not.toThrow();
  });

  it.each(
    cases.flatMap(([name, value, read]) =>
      [`"${value}"`, `'${value}'`, `"${value}`, `${value}"`].map((quoted) => [name, quoted, value, read] as const),
    ),
  )('%s=%s stops the start because of its quote, with an example of that variable', (name, quoted, value, read) => {
    const { message, shown } = refusal(() => read({ ...beside, [name]: quoted }));
    expect(message).toMatch(new RegExp(`^${name} begins or ends with a quote.*; for example: ${name}=`));
    expect(isSecret(name) && shown.includes(value)).toBe(false);
  });

  it.each(cases)('%s is rejected with a line break in the middle', (name, value, read) => {
    const middle = Math.floor(value.length / 2);
    for (const end of ['\n', '\r\n', '\r']) {
      const { message, shown } = refusal(() =>
        read({ ...beside, [name]: value.slice(0, middle) + end + value.slice(middle) }),
      );
      expect(message).toMatch(new RegExp(`^${name} [^;]*; for example: ${name}=`));
      expect(isSecret(name) && shown.includes(value.slice(0, middle))).toBe(false);
    }
  });
});

describe('secrets in base64', () => {
  it.each([
    ['a blank inside', `${key.slice(0, 9)}*${key.slice(9)}`],
    ['both alphabets', `${'A'.repeat(20)}+_${'A'.repeat(21)}=`],
    ['wrong padding', `${key}=`],
    ['stray bits at its end', `${'A'.repeat(42)}B=`],
    ['a cut end', key.slice(0, -3)],
    ['a quote', `${key}"x`],
  ])('with %s are rejected as an encryption key', (_, base64) => {
    const { message, shown } = refusal(() => encryptionKeys({ ONWARD_ENCRYPTION_KEYS: `2026-01:${base64}` }));
    expect(message).toMatch(/^ONWARD_ENCRYPTION_KEYS .*\(key 1\); for example: ONWARD_ENCRYPTION_KEYS=/);
    expect(shown).not.toContain(base64.slice(0, 9));
  });

  it('are rejected if the key id contains a quote', () => {
    const { message } = refusal(() => encryptionKeys({ ONWARD_ENCRYPTION_KEYS: `a:${key} "b:${key} c:${key}` }));
    expect(message).toMatch(/id .* \(key 2\)/);
  });

  it.each([`v1,${secret}`, `v1,${secret}|v1,${secret}`, `${secret}\r\nv1,${secret}`])(
    'are webhook secrets in the form of Supabase: %s',
    (text) => {
      const read = webhookSecrets({ ONWARD_WEBHOOK_SECRETS: text });
      expect(new Set(read)).toEqual(new Set([secret]));
      expect(statusReceiver({ ...beside, ONWARD_STATUS_SECRET: `v1,${secret}` })?.secret).toBe(secret);
    },
  );

  it('can be read from a file with a byte order mark and Windows line endings', () => {
    const ONWARD_ENCRYPTION_KEYS_FILE = file('bom', `\uFEFFnew:${key}\r\nold:${key}\r\n`);
    expect(encryptionKeys({ ONWARD_ENCRYPTION_KEYS_FILE }).map(({ id }) => id)).toEqual(['new', 'old']);
  });
});

describe('addresses', () => {
  it.each([
    ['SFOX_BASE_URL', ['api.sfox.com', 'https:api.sfox.com', '//api.sfox.com', 'https:///api.sfox.com', 'https://a b']],
    ['ONWARD_STATUS_URL', ['shop.example.com', 'localhost:8090', 'https:shop.example.com', 'http://shop.example.com']],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', ['collector:4318', 'http:collector', 'grpc://collector:4317']],
    ['ONWARD_TEMPORAL_UI', ['temporal.example.com', 'http:temporal', 'ftp://temporal']],
    ['ONWARD_PUBLIC_URL', ['onward.example.com', 'http://onward.example.com', 'https://onward.example.com/console']],
    ['ONWARD_OIDC_ISSUER', ['login.example.com', 'http://login.example.com', 'https://a@b.example', 'https://b/?x=1']],
    [
      'ONWARD_ENVIRONMENT',
      ['production', ':red', 'production:', 'production:pink', 'production:RED', 'a b:red', 'a:b:red'],
    ],
    ['ONWARD_CODEC_ORIGINS', ['127.0.0.1:8233', 'ftp://127.0.0.1', 'http://a/b']],
    ['TEMPORAL_ADDRESS', ['http://127.0.0.1:7233', 'temporal:', 'temporal:99999', 'temporal:7233/x', 'a b:7233']],
    ['ONWARD_HOST', ['http://0.0.0.0', '127.0.0.1:8080', '8080', 'a b']],
  ])('%s is rejected in any other form', (name, values) => {
    for (const value of values) {
      const { message } = refusal(() => good[name]?.[1]({ ...beside, [name]: value }));
      expect(message).toMatch(new RegExp(`^${name} [^;]*; for example: ${name}=`));
    }
  });

  it.each(['temporal:7233', '127.0.0.1:7233', '[::1]:7233', 'temporal_server', 'ns.acct.tmprl.cloud:7233'])(
    'of Temporal may be %s',
    (TEMPORAL_ADDRESS) => {
      expect(temporalSettings({ ...beside, TEMPORAL_ADDRESS })).toMatchObject({
        connectionOptions: { address: TEMPORAL_ADDRESS },
      });
    },
  );
});

describe('settings that only work together', () => {
  it('are rejected if a secret has no URL or a URL has no secret', () => {
    const alone = refusal(() => statusReceiver({ ONWARD_STATUS_SECRET: secret }));
    expect(alone.message).toMatch(/^ONWARD_STATUS_URL is missing.*; for example: ONWARD_STATUS_URL=https/);
    const unsigned = refusal(() => statusReceiver({ ONWARD_STATUS_URL: 'https://shop.example.com' }));
    expect(unsigned.message).toMatch(/^ONWARD_STATUS_SECRET is missing; for example: ONWARD_STATUS_SECRET=whsec_/);
    expect(statusReceiver({})).toBeUndefined();
  });

  it.each([
    ['two roles', `app:shop:${token} operator:night:${token}`],
    ['two holders', `app:shop:${token} app:other:${token}`],
  ])('are rejected if one token has %s, without showing it', (_, ONWARD_TOKENS) => {
    const { message, shown } = refusal(() => tokens({ ONWARD_TOKENS }));
    expect(message).toMatch(/the same token twice.*token 1 and token 2.*; for example: ONWARD_TOKENS=app:/);
    expect(shown).not.toContain(token);
  });

  it('are rejected if a token is listed both in clear and as its digest', async () => {
    const { createHash } = await import('node:crypto');
    const hex = createHash('sha256').update(token).digest('hex');
    expect(() => tokens({ ONWARD_TOKENS: `app:shop:${token} viewer:eye:sha256:${hex}` })).toThrow(
      /the same token twice/,
    );
  });
});

describe('a policy that contradicts itself', () => {
  it.each([
    [
      'sends: { per10Minutes: 20, perDay: 10 }',
      /at sends: per10Minutes \(20\) is above perDay \(10\).*example: sends: \{/,
    ],
    ['sends: { perDay: 3 }', /at sends: per10Minutes \(5\) is above perDay \(3\)/],
    ['sendBudget: { sms: { perDay: 3 } }', /at sendBudget\.sms: perHour \(5000\) is above perDay \(3\)/],
    [
      'guesses: { perCode: 9, perChannel: 8 }',
      /at guesses: perCode \(9\) is above perChannel \(8\).*example: guesses:/,
    ],
    ['reminderAfter: 8 days', /at reminderAfter: it \(8 days\) must be shorter .*7 days.*example: reminderAfter: /],
    ['{journeyLife: 2 hours, reminderAfter: 2 hours}', /at reminderAfter/],
    ['journeyLife: 1 ms', /at journeyLife: must be at least one minute.*example: journeyLife: 7 days/],
    [
      '{retrySendFor: 3 hours, journeyLife: 2 hours, reminderAfter: 1 hour}',
      /at retrySendFor.*example: retrySendFor: /,
    ],
    ['recovery: { perSecond: 30 }', /perSecond is above upToPerSecond.*example: recovery: /],
    ['rates: { sendsPerSecond: 20 }', /together exceed 22.*example: rates: /],
  ])('is rejected: %s', (text, problem) => {
    expect(refusal(() => parsePolicy(text)).message).toMatch(problem);
  });

  it('reports every wrong key, each with an example of that key', () => {
    const { message } = refusal(() => parsePolicy('{codeLife: 5, smsStart: later, sends: {perDay: 0}}'));
    const lines = message.split('\n');
    expect(lines).toHaveLength(3);
    for (const key of ['codeLife', 'smsStart', 'sends']) {
      expect(lines.filter((line) => line.includes(`; for example: ${key}: `))).toHaveLength(1);
    }
  });

  it('does not show the content of the file, which may be the wrong file', () => {
    const { message } = refusal(() => parsePolicy('ENTERPRISE_API_KEY: "sk_live_hidden\nnext: [1'));
    expect(message).toMatch(/^ONWARD_POLICY is not valid YAML/);
    expect(message).not.toContain('sk_live_hidden');
  });
});

describe('a start', () => {
  it('names every missing or invalid setting once, all in one start', () => {
    const env = { SFOX_BASE_URL: 'api.sfox.com', ONWARD_ENCRYPTION_KEYS: `"a:${key}"`, ONWARD_LOG_LEVEL: 'loud' };
    const { message } = refusal(() =>
      readAll({
        provider: () => providerSettings(env),
        keys: () => encryptionKeys(env),
        again: () => encryptionKeys(env),
        level: () => logLevel(env),
        host: () => host(env),
      }),
    );
    const named = message.split('\n').map((line) => line.split(' ')[0]);
    expect(named).toEqual(['SFOX_BASE_URL', 'ENTERPRISE_API_KEY', 'ONWARD_ENCRYPTION_KEYS', 'ONWARD_LOG_LEVEL']);
  });

  it('names every invalid setting of the sandbox too', () => {
    const env = { ONWARD_TOKENS: 'x', ONWARD_PORT: 'http', ONWARD_STATUS_SECRET: 'x', TEMPORAL_ADDRESS: 'http://x:1' };
    const { message } = refusal(() => sandboxSettings(env));
    const named = message.split('\n').map((line) => line.split(' ')[0]);
    expect(new Set(named)).toEqual(
      new Set(['ONWARD_PORT', 'ONWARD_STATUS_SECRET', 'ONWARD_TOKENS', 'SFOX_BASE_URL', 'TEMPORAL_ADDRESS']),
    );
  });

  it('names every invalid token and key of a list', () => {
    const { message } = refusal(() => tokens({ ONWARD_TOKENS: `admin:x:${token} app:shop:${token} app:y:short` }));
    expect(message).toMatch(/\(token 1\).*\n.*\(token 3\)/);
  });

  it('rethrows errors that are not setting errors', () => {
    const broken = () => {
      throw new TypeError('a fault of our own');
    };
    expect(() => readAll({ broken })).toThrow(TypeError);
  });
});
