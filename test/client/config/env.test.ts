import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { providerId, providerIdentity, providerSettings } from '../../../client/config/provider-settings.ts';
import {
  encryptionKeys,
  logLevel,
  policySettings,
  port,
  readVariable,
  requireVariable,
  temporalSettings,
  traceEndpoint,
} from '../../../client/config/env.ts';
import type { Environment } from '../../../client/config/env.ts';
import { defaultSettings, SettingError } from '../../../client/config/policy-file.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'onward-environment-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The error of a setting, in every form that a terminal might show. */
function refusal(ask: () => unknown): { message: string; shown: string } {
  try {
    ask();
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return { message: error.message, shown: inspect(error, { depth: 10, showHidden: true }) };
  }
  throw new Error('it was taken');
}

describe('a variable', () => {
  it('is returned unchanged', () => {
    expect(readVariable({ ONWARD_HOST: ' a b ' }, 'ONWARD_HOST')).toBe(' a b ');
  });

  it.each<Environment>([{}, { NAME: '' }, { NAME: undefined }, { NAME: '', NAME_FILE: '' }])(
    'is not there in %j',
    (env) => {
      expect(readVariable(env, 'NAME')).toBeUndefined();
      expect(refusal(() => requireVariable(env, 'NAME', 'ada')).message).toBe('NAME is missing; for example: NAME=ada');
    },
  );

  it('can be read from a file, without the trailing line break', () => {
    const NAME_FILE = file('secret', 'sk_live\n');
    expect(readVariable({ NAME_FILE }, 'NAME')).toBe('sk_live');
    expect(readVariable({ NAME: '', NAME_FILE }, 'NAME')).toBe('sk_live');
    expect(readVariable({ NAME: 'given', NAME_FILE }, 'NAME')).toBe('given');
  });

  it('is missing if its file is empty', () => {
    const NAME_FILE = file('empty', '\n');
    expect(readVariable({ NAME_FILE }, 'NAME')).toBeUndefined();
    expect(refusal(() => requireVariable({ NAME_FILE }, 'NAME', 'ada')).message).toMatch(/^NAME is missing/);
  });

  it.each(['nowhere', '.'])('is rejected if its file cannot be read: %s', (name) => {
    const { message } = refusal(() => readVariable({ NAME_FILE: join(folder, name) }, 'NAME'));
    expect(message).toBe('NAME_FILE names a file that cannot be read; for example: NAME_FILE=/run/secrets/name');
  });
});

describe("the provider's variables", () => {
  const ENTERPRISE_API_KEY = 'sk_live_4f9a1c77e2b80d33';
  const settings = (SFOX_BASE_URL: string) => providerSettings({ SFOX_BASE_URL, ENTERPRISE_API_KEY });

  it.each([
    ['https://api.sfox.com', 'https://api.sfox.com/'],
    ['https://proxy.example.test:8443/sfox', 'https://proxy.example.test:8443/sfox'],
    ['http://127.0.0.1:4010', 'http://127.0.0.1:4010/'],
    ['http://127.8.9.1', 'http://127.8.9.1/'],
    ['http://localhost:4010', 'http://localhost:4010/'],
    ['http://[::1]:4010', 'http://[::1]:4010/'],
  ])('accepts the URL %s', (given, baseUrl) => {
    expect(settings(given)).toEqual({ baseUrl, apiKey: ENTERPRISE_API_KEY });
  });

  it.each([
    ['http://api.sfox.com', 'must use https'],
    ['http://10.0.0.1', 'must use https'],
    ['http://localhost.example.test', 'must use https'],
    ['http://127.0.0.1.example.test', 'must use https'],
    ['http://0.0.0.0', 'must use https'],
    ['http://[::2]', 'must use https'],
    ['ftp://127.0.0.1', 'must use https'],
    ['file:///etc/passwd', 'must use https'],
    ['api.sfox.com', 'must be a URL'],
    ['https://', 'must be a URL'],
    ['nonsense', 'must be a URL'],
    ['https:api.sfox.com', 'must be a URL that starts with https://'],
    ['https://api.sfox.com/a b', 'must be a URL that starts with https://'],
    ['https://ada@api.sfox.com', 'must not contain credentials'],
    ['https://ada:hunter2@api.sfox.com', 'must not contain credentials'],
    ['https://:hunter2@api.sfox.com', 'must not contain credentials'],
    ['https://api.sfox.com?key=hunter2', 'must not contain credentials'],
    ['https://api.sfox.com/?', 'must not contain credentials'],
    ['https://api.sfox.com/#', 'must not contain credentials'],
    ['https://api.sfox.com/#hunter2', 'must not contain credentials'],
  ])('rejects the URL %s', (given, problem) => {
    const { message, shown } = refusal(() => settings(given));
    expect(message).toMatch(new RegExp(`^SFOX_BASE_URL ${problem}.*; for example: SFOX_BASE_URL=https://`));
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain(ENTERPRISE_API_KEY);
  });

  it.each<[string, Environment]>([
    ['SFOX_BASE_URL', { ENTERPRISE_API_KEY }],
    ['ENTERPRISE_API_KEY', { SFOX_BASE_URL: 'https://api.sfox.com' }],
    ['ENTERPRISE_API_KEY', { SFOX_BASE_URL: 'https://api.sfox.com', ENTERPRISE_API_KEY: '' }],
  ])('requires %s', (name, env) => {
    const { message, shown } = refusal(() => providerSettings(env));
    expect(message).toMatch(new RegExp(`^${name} is missing; for example: ${name}=`));
    expect(shown).not.toContain('sk_live');
  });

  it.each(['with a blank', 'sk_live\n', 'sk_lïve', '“sk_live”', 'sk\u0000live'])(
    'may not hold the key %j, and do not show it',
    (key) => {
      const env = { SFOX_BASE_URL: 'https://api.sfox.com', ENTERPRISE_API_KEY: key };
      const { message, shown } = refusal(() => providerSettings(env));
      expect(message).toMatch(
        /^ENTERPRISE_API_KEY must contain only printable ASCII characters without spaces; for example: /,
      );
      expect(shown).not.toContain(key);
    },
  );

  it('can read the key from a file', () => {
    const env = { SFOX_BASE_URL: 'https://api.sfox.com', ENTERPRISE_API_KEY_FILE: file('key', 'sk_file\n') };
    expect(providerSettings(env).apiKey).toBe('sk_file');
  });

  it('name the provider by the origin of its URL, beside its earlier ones', () => {
    const env = {
      SFOX_BASE_URL: 'https://api.sfox.com/v1',
      SFOX_FORMER_URLS: 'https://a.sfox.com/x https://b.sfox.com',
    };
    expect(providerId(env)).toBe('https://api.sfox.com');
    const formerIds = ['https://a.sfox.com', 'https://b.sfox.com'];
    expect(providerIdentity(env)).toEqual({ id: 'https://api.sfox.com', formerIds });
    const wrong = refusal(() => providerIdentity({ ...env, SFOX_FORMER_URLS: 'https://a.sfox.com nonsense' }));
    expect(wrong.message).toMatch(/^SFOX_FORMER_URLS must be http or https URLs, separated by spaces \(URL 2\)/);
  });

  it('name a provider of your own, on gateways and on workers', () => {
    const ONWARD_PROVIDER_ID = 'shop-messages';
    expect(providerId({ ONWARD_PROVIDER_ID })).toBe(ONWARD_PROVIDER_ID);
    const worker = { ONWARD_PROVIDER: 'provider.mjs', ONWARD_PROVIDER_ID };
    expect(providerIdentity(worker)).toEqual({ id: ONWARD_PROVIDER_ID, formerIds: [] });
  });

  it.each<[string, Environment, string]>([
    ['a module without a name', { ONWARD_PROVIDER: 'provider.mjs' }, 'ONWARD_PROVIDER_ID is missing'],
    [
      'a name without a module',
      { ONWARD_PROVIDER_ID: 'shop', SFOX_BASE_URL: 'https://api.sfox.com' },
      'ONWARD_PROVIDER is missing',
    ],
    ['a URL for a name', { ONWARD_PROVIDER: 'x', ONWARD_PROVIDER_ID: 'https://x' }, 'ONWARD_PROVIDER_ID must be'],
    ['no provider at all', {}, 'SFOX_BASE_URL is missing'],
  ])('may not give a worker %s', (_, env, problem) => {
    expect(refusal(() => providerIdentity(env)).message).toMatch(new RegExp(`^${problem}`));
  });
});

describe('the encryption keys', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const [one, two] = [first.toString('base64'), second.toString('base64')];
  const keys = (ONWARD_ENCRYPTION_KEYS: string) => encryptionKeys({ ONWARD_ENCRYPTION_KEYS });

  it.each([`new:${one} old:${two}`, `  new:${one}\n\told:${two} `, `new:${first.toString('base64url')} old:${two}`])(
    'are read newest first',
    (text) => {
      expect(keys(text)).toEqual([
        { id: 'new', key: first },
        { id: 'old', key: second },
      ]);
    },
  );

  it('can be read from a file with one key per line', () => {
    const ONWARD_ENCRYPTION_KEYS_FILE = file('keys', `new:${one}\nold:${two}\n`);
    expect(encryptionKeys({ ONWARD_ENCRYPTION_KEYS_FILE }).map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it.each([
    ['no keys', '', 'is missing'],
    ['blanks alone', '  ', "must have the form 'id:base64' \\(key 1\\)"],
    ['a key without an id', one, "must have the form 'id:base64' \\(key 1\\)"],
    ['a key with an empty id', `:${one}`, "must have the form 'id:base64' \\(key 1\\)"],
    ['an id without a key', `new:${one} old:`, 'must decode to 32 bytes, not 0 \\(key 2\\)'],
    ['a third part', `new:${one}:x`, "must have the form 'id:base64' \\(key 1\\)"],
    ['commas between', `new:${one},old:${two}`, "must have the form 'id:base64' \\(key 1\\)"],
    ['a short key', `new:${first.subarray(1).toString('base64')}`, 'must decode to 32 bytes, not 31 \\(key 1\\)'],
    ['a key in hex', `new:${one} old:${second.toString('hex')}`, 'must decode to 32 bytes, not 48 \\(key 2\\)'],
    ['an id twice', `new:${one} new:${two}`, "contains two keys with the id 'new'"],
  ])('are rejected with %s, without showing a key', (_, text, problem) => {
    const { message, shown } = refusal(() => keys(text));
    expect(message).toMatch(new RegExp(`^ONWARD_ENCRYPTION_KEYS ${problem}; for example: ONWARD_ENCRYPTION_KEYS=`));
    for (const secret of [one, two, first.toString('hex'), second.toString('hex')])
      expect(shown).not.toContain(secret.slice(0, 12));
  });
});

describe('a port', () => {
  it.each([
    [undefined, 8_080],
    ['', 8_080],
    ['0', 0],
    ['9090', 9_090],
    ['65535', 65_535],
  ])('parses %j as %i', (ONWARD_PORT, expected) => {
    expect(port({ ONWARD_PORT }, 'ONWARD_PORT', 8_080)).toBe(expected);
  });

  it.each(['65536', '-1', '80.5', 'http', '0x50', '1e3', ' ', '80 81', 'Infinity'])('rejects %j', (ONWARD_PORT) => {
    expect(refusal(() => port({ ONWARD_PORT }, 'ONWARD_PORT', 8_080)).message).toBe(
      `ONWARD_PORT must be a port from 0 to 65535, not '${ONWARD_PORT}'; for example: ONWARD_PORT=8080`,
    );
  });
});

describe('the log level', () => {
  it.each([
    [undefined, 'info'],
    ['', 'info'],
    ['debug', 'debug'],
    ['silent', 'silent'],
  ])('parses %j as %s', (ONWARD_LOG_LEVEL, expected) => {
    expect(logLevel({ ONWARD_LOG_LEVEL })).toBe(expected);
  });

  it.each(['INFO', 'verbose', '3', 'toString'])('rejects %j', (ONWARD_LOG_LEVEL) => {
    expect(refusal(() => logLevel({ ONWARD_LOG_LEVEL })).message).toBe(
      `ONWARD_LOG_LEVEL must be one of trace, debug, info, warn, error, silent, not '${ONWARD_LOG_LEVEL}'; ` +
        'for example: ONWARD_LOG_LEVEL=info',
    );
  });
});

describe('the trace endpoint', () => {
  const endpoint = (OTEL_EXPORTER_OTLP_ENDPOINT: string) => traceEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT });

  it('is optional', () => {
    expect([traceEndpoint({}), endpoint('')]).toEqual([undefined, undefined]);
    expect(endpoint('https://otel.example.test/base')).toBe('https://otel.example.test/base');
  });

  it.each(['otel.example.test:4318', 'grpc://otel.example.test:4317', 'nonsense'])('rejects %j', (given) => {
    expect(refusal(() => endpoint(given)).message).toBe(
      'OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL; for example: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318',
    );
  });
});

describe('the policy', () => {
  it('is the default if no file is set', () => {
    expect(policySettings({})).toBe(defaultSettings);
  });

  it('is read from the configured file', () => {
    expect(policySettings({ ONWARD_POLICY: file('policy.yml', 'codeLife: 1 s') }).policy.codeLife).toBe(1_000);
  });

  it('is rejected if the file does not exist', () => {
    expect(refusal(() => policySettings({ ONWARD_POLICY: '/nowhere.yml' })).message).toMatch(/^ONWARD_POLICY names/);
  });
});

describe("Temporal's variables", () => {
  const without = () => ({ TEMPORAL_CONFIG_FILE: join(folder, 'none.toml') });
  const profile = (text: string) => ({ TEMPORAL_CONFIG_FILE: file('temporal.toml', text) });

  it('is optional', () => {
    expect(temporalSettings(without())).toEqual({ connectionOptions: {} });
  });

  it('are passed on to Temporal', () => {
    const env = { ...without(), TEMPORAL_ADDRESS: 'cloud.example.test:7233', TEMPORAL_NAMESPACE: 'onboarding' };
    expect(temporalSettings({ ...env, TEMPORAL_API_KEY: 'secret', ONWARD_PORT: '1', NOTHING: undefined })).toEqual({
      namespace: 'onboarding',
      connectionOptions: { address: 'cloud.example.test:7233', apiKey: 'secret', tls: true },
    });
  });

  it('can read the key from a file', () => {
    const TEMPORAL_API_KEY_FILE = file('temporal-key', 'secret\n');
    expect(temporalSettings({ ...without(), TEMPORAL_API_KEY_FILE })).toMatchObject({
      connectionOptions: { apiKey: 'secret' },
    });
  });

  it('can select a profile', () => {
    const env = profile('[profile.night]\naddress = "night.example.test:7233"\nnamespace = "night"\n');
    expect(temporalSettings({ ...env, TEMPORAL_PROFILE: 'night' })).toEqual({
      namespace: 'night',
      connectionOptions: { address: 'night.example.test:7233' },
    });
  });

  it.each([
    ['a profile that is not there', () => ({ ...without(), TEMPORAL_PROFILE: 'night' }), /'night' not found/],
    ['a broken file', () => profile('[profile.default]\napi_key = "hunter2\n'), /TOML/],
    ['a certificate that is not there', () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere.pem' }), /nowhere\.pem/],
  ])('are rejected with %s, without showing a key', (_, env, problem) => {
    const { message, shown } = refusal(() => temporalSettings({ TEMPORAL_API_KEY: 'hunter2', ...env() }));
    expect(message).toMatch(/^TEMPORAL_\* are invalid: .+; for example: TEMPORAL_ADDRESS=/);
    expect(message).toMatch(problem);
    expect(shown).not.toContain('hunter2');
  });
});
