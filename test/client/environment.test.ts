import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  encryptionKeys,
  logLevel,
  policySettings,
  port,
  providerSettings,
  read,
  required,
  temporalSettings,
  traceEndpoint,
} from '../../client/environment.ts';
import type { Environment } from '../../client/environment.ts';
import { defaultSettings, SettingError } from '../../client/settings.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'onward-environment-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What a setting is refused with, in every form that a console might show. */
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
  it('is read as it is', () => {
    expect(read({ ONWARD_HOST: ' a b ' }, 'ONWARD_HOST')).toBe(' a b ');
  });

  it.each<Environment>([{}, { NAME: '' }, { NAME: undefined }, { NAME: '', NAME_FILE: '' }])(
    'is not there in %j',
    (env) => {
      expect(read(env, 'NAME')).toBeUndefined();
      expect(refusal(() => required(env, 'NAME', 'ada')).message).toBe('NAME is missing; for example: NAME=ada');
    },
  );

  it('may stand in a file, whose line end is not part of it', () => {
    const NAME_FILE = file('secret', 'sk_live\n');
    expect(read({ NAME_FILE }, 'NAME')).toBe('sk_live');
    expect(read({ NAME: '', NAME_FILE }, 'NAME')).toBe('sk_live');
    expect(read({ NAME: 'given', NAME_FILE }, 'NAME')).toBe('given');
  });

  it('is missing where its file is empty', () => {
    const NAME_FILE = file('empty', '\n');
    expect(read({ NAME_FILE }, 'NAME')).toBeUndefined();
    expect(refusal(() => required({ NAME_FILE }, 'NAME', 'ada')).message).toMatch(/^NAME is missing/);
  });

  it.each(['nowhere', '.'])('is refused where its file cannot be read: %s', (name) => {
    const { message } = refusal(() => read({ NAME_FILE: join(folder, name) }, 'NAME'));
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
  ])('may say %s', (given, baseUrl) => {
    expect(settings(given)).toEqual({ baseUrl, apiKey: ENTERPRISE_API_KEY });
  });

  it.each([
    ['http://api.sfox.com', 'must be https'],
    ['http://10.0.0.1', 'must be https'],
    ['http://localhost.example.test', 'must be https'],
    ['http://127.0.0.1.example.test', 'must be https'],
    ['http://0.0.0.0', 'must be https'],
    ['http://[::2]', 'must be https'],
    ['ftp://127.0.0.1', 'must be https'],
    ['file:///etc/passwd', 'must be https'],
    ['api.sfox.com', 'is no address'],
    ['https://', 'is no address'],
    ['nonsense', 'is no address'],
    ['https://ada@api.sfox.com', 'must be an address alone'],
    ['https://ada:hunter2@api.sfox.com', 'must be an address alone'],
    ['https://:hunter2@api.sfox.com', 'must be an address alone'],
    ['https://api.sfox.com?key=hunter2', 'must be an address alone'],
    ['https://api.sfox.com/?', 'must be an address alone'],
    ['https://api.sfox.com/#', 'must be an address alone'],
    ['https://api.sfox.com/#hunter2', 'must be an address alone'],
  ])('may not say %s', (given, problem) => {
    const { message, shown } = refusal(() => settings(given));
    expect(message).toMatch(new RegExp(`^SFOX_BASE_URL ${problem}.*; for example: SFOX_BASE_URL=https://`));
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain(ENTERPRISE_API_KEY);
  });

  it.each<[string, Environment]>([
    ['SFOX_BASE_URL', { ENTERPRISE_API_KEY }],
    ['ENTERPRISE_API_KEY', { SFOX_BASE_URL: 'https://api.sfox.com' }],
    ['ENTERPRISE_API_KEY', { SFOX_BASE_URL: 'https://api.sfox.com', ENTERPRISE_API_KEY: '' }],
  ])('must hold %s', (name, env) => {
    const { message, shown } = refusal(() => providerSettings(env));
    expect(message).toMatch(new RegExp(`^${name} is missing; for example: ${name}=`));
    expect(shown).not.toContain('sk_live');
  });

  it.each(['with a blank', 'sk_live\n', 'sk_lïve', '“sk_live”', 'sk\u0000live'])(
    'may not hold the key %j, and do not show it',
    (key) => {
      const env = { SFOX_BASE_URL: 'https://api.sfox.com', ENTERPRISE_API_KEY: key };
      const { message, shown } = refusal(() => providerSettings(env));
      expect(message).toMatch(/^ENTERPRISE_API_KEY holds a character that no key has; for example: /);
      expect(shown).not.toContain(key);
    },
  );

  it('may name a file for the key', () => {
    const env = { SFOX_BASE_URL: 'https://api.sfox.com', ENTERPRISE_API_KEY_FILE: file('key', 'sk_file\n') };
    expect(providerSettings(env).apiKey).toBe('sk_file');
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

  it('may stand in a file, one a line', () => {
    const ONWARD_ENCRYPTION_KEYS_FILE = file('keys', `new:${one}\nold:${two}\n`);
    expect(encryptionKeys({ ONWARD_ENCRYPTION_KEYS_FILE }).map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it.each([
    ['no keys', '', 'is missing'],
    ['blanks alone', '  ', "is not of the form 'id:base64' \\(key 1\\)"],
    ['a key without an id', one, "is not of the form 'id:base64' \\(key 1\\)"],
    ['a key with an empty id', `:${one}`, "is not of the form 'id:base64' \\(key 1\\)"],
    ['an id without a key', `new:${one} old:`, 'holds 0 bytes where 32 are needed \\(key 2\\)'],
    ['a third part', `new:${one}:x`, "is not of the form 'id:base64' \\(key 1\\)"],
    ['commas between', `new:${one},old:${two}`, "is not of the form 'id:base64' \\(key 1\\)"],
    ['a short key', `new:${first.subarray(1).toString('base64')}`, 'holds 31 bytes where 32 are needed \\(key 1\\)'],
    ['a key in hex', `new:${one} old:${second.toString('hex')}`, 'holds 48 bytes where 32 are needed \\(key 2\\)'],
    ['an id twice', `new:${one} new:${two}`, "has two keys 'new'"],
  ])('are refused with %s, and not shown', (_, text, problem) => {
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
  ])('of %j is %i', (ONWARD_PORT, expected) => {
    expect(port({ ONWARD_PORT }, 'ONWARD_PORT', 8_080)).toBe(expected);
  });

  it.each(['65536', '-1', '80.5', 'http', '0x50', '1e3', ' ', '80 81', 'Infinity'])('is not %j', (ONWARD_PORT) => {
    expect(refusal(() => port({ ONWARD_PORT }, 'ONWARD_PORT', 8_080)).message).toBe(
      `ONWARD_PORT is no port: '${ONWARD_PORT}'; for example: ONWARD_PORT=8080`,
    );
  });
});

describe('the log level', () => {
  it.each([
    [undefined, 'info'],
    ['', 'info'],
    ['debug', 'debug'],
    ['silent', 'silent'],
  ])('of %j is %s', (ONWARD_LOG_LEVEL, expected) => {
    expect(logLevel({ ONWARD_LOG_LEVEL })).toBe(expected);
  });

  it.each(['INFO', 'verbose', '3', 'toString'])('is not %j', (ONWARD_LOG_LEVEL) => {
    expect(refusal(() => logLevel({ ONWARD_LOG_LEVEL })).message).toBe(
      `ONWARD_LOG_LEVEL is no level: '${ONWARD_LOG_LEVEL}' is none of trace, debug, info, warn, error, silent; ` +
        'for example: ONWARD_LOG_LEVEL=info',
    );
  });
});

describe('the address for traces', () => {
  const endpoint = (OTEL_EXPORTER_OTLP_ENDPOINT: string) => traceEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT });

  it('may be left out', () => {
    expect([traceEndpoint({}), endpoint('')]).toEqual([undefined, undefined]);
    expect(endpoint('https://otel.example.test/base')).toBe('https://otel.example.test/base');
  });

  it.each(['otel.example.test:4318', 'grpc://otel.example.test:4317', 'nonsense'])('is not %j', (given) => {
    expect(refusal(() => endpoint(given)).message).toBe(
      'OTEL_EXPORTER_OTLP_ENDPOINT is no address of http or https; for example: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318',
    );
  });
});

describe('the policy', () => {
  it('is the default where no file is named', () => {
    expect(policySettings({})).toBe(defaultSettings);
  });

  it('is read from the file that is named', () => {
    expect(policySettings({ ONWARD_POLICY: file('policy.yml', 'codeLife: 1 s') }).policy.codeLife).toBe(1_000);
  });

  it('is refused where the file is not there', () => {
    expect(refusal(() => policySettings({ ONWARD_POLICY: '/nowhere.yml' })).message).toMatch(/^ONWARD_POLICY names/);
  });
});

describe("Temporal's variables", () => {
  const without = () => ({ TEMPORAL_CONFIG_FILE: join(folder, 'none.toml') });
  const profile = (text: string) => ({ TEMPORAL_CONFIG_FILE: file('temporal.toml', text) });

  it('may be left out', () => {
    expect(temporalSettings(without())).toEqual({ connectionOptions: {} });
  });

  it("are Temporal's own", () => {
    const env = { ...without(), TEMPORAL_ADDRESS: 'cloud.example.test:7233', TEMPORAL_NAMESPACE: 'onboarding' };
    expect(temporalSettings({ ...env, TEMPORAL_API_KEY: 'secret', ONWARD_PORT: '1', NOTHING: undefined })).toEqual({
      namespace: 'onboarding',
      connectionOptions: { address: 'cloud.example.test:7233', apiKey: 'secret', tls: true },
    });
  });

  it('may name a file for the key', () => {
    const TEMPORAL_API_KEY_FILE = file('temporal-key', 'secret\n');
    expect(temporalSettings({ ...without(), TEMPORAL_API_KEY_FILE })).toMatchObject({
      connectionOptions: { apiKey: 'secret' },
    });
  });

  it('may choose a profile', () => {
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
  ])('are refused with %s, and no key is shown', (_, env, problem) => {
    const { message, shown } = refusal(() => temporalSettings({ TEMPORAL_API_KEY: 'hunter2', ...env() }));
    expect(message).toMatch(/^TEMPORAL_\* cannot be used: .+; for example: TEMPORAL_ADDRESS=/);
    expect(message).toMatch(problem);
    expect(shown).not.toContain('hunter2');
  });
});
