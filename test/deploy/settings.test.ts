import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { oidcSettings } from '../../client/config/oidc-settings.ts';
import { providerId, providerIdentity, providerSettings } from '../../client/config/provider-settings.ts';
import { logLevel, statusReceiver, temporalSettings, traceEndpoint } from '../../client/config/env.ts';
import { deploymentEnvironment } from '../../client/config/deployment-environment.ts';
import { rate, temporalUi, tokens, webhookSecrets } from '../../client/gateway/config.ts';
import { parse } from 'yaml';
import { root } from '../architecture/imports.ts';
import { describeWith, read, runTool } from './tools.ts';

/** The names of the settings in the table of docs/operating.md, which another test holds against the code. */
const [, section = ''] = read('docs/operating.md').split('\n## Settings\n');
const documented = new Set(
  [...(section.split('\n\nEvery secret')[0] ?? '').matchAll(/`([A-Z][A-Z_0-9]+)`/g)].map(([, name = '']) => name),
);
/** Read by Temporal's library itself: https://docs.temporal.io/develop/environment-configuration */
const isOfTemporal = (name: string) => /^TEMPORAL_(ADDRESS|NAMESPACE|TLS(_[A-Z_]+_PATH|_SERVER_NAME)?)$/.test(name);
const isSetting = (name: string) => isOfTemporal(name) || documented.has(name.replace(/_FILE$/, ''));

/** The variables of the sample, those in comments included. */
const sample = Object.fromEntries(
  [...read('deploy/onward.env.example').matchAll(/^#?([A-Z][A-Z_0-9]+)=(.+)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
);

describe('deploy/onward.env.example', () => {
  it('names only settings that a process reads', () => {
    expect(Object.keys(sample).length).toBeGreaterThan(4);
    expect(Object.keys(sample).filter((name) => !isSetting(name))).toEqual([]);
  });

  it('has only values that a process accepts', () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const env = {
      ...sample,
      ENTERPRISE_API_KEY: 'key',
      ONWARD_STATUS_SECRET: secret,
      ONWARD_OIDC_CLIENT_SECRET: 'secret',
    };
    expect(providerSettings(env)).toEqual({ baseUrl: 'https://api.staging.sfox.com/', apiKey: 'key' });
    expect(providerIdentity(env)).toEqual({ id: 'https://api.staging.sfox.com', formerIds: [] });
    expect(providerId(env)).toBe('https://api.staging.sfox.com');
    expect(statusReceiver(env)).toEqual({ url: sample['ONWARD_STATUS_URL'], secret });
    expect(logLevel(env)).toBe('info');
    expect(rate(env)).toEqual({ calls: 1_000, within: 10_000 });
    expect(traceEndpoint(env)).toBe(sample['OTEL_EXPORTER_OTLP_ENDPOINT']);
    expect(deploymentEnvironment(env)).toEqual({ name: 'production', colour: 'red' });
    expect(temporalUi(env)).toBe(sample['ONWARD_TEMPORAL_UI']);
    expect(oidcSettings(env)).toMatchObject({
      issuer: new URL(sample['ONWARD_OIDC_ISSUER'] ?? ''),
      roleClaim: 'groups',
    });
  });
});

const { services: byName } = parse(read('deploy/compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, { readonly image?: string; readonly env_file?: string }>>;
};
const services = Object.values(byName);

const templates = readdirSync(join(root, 'deploy/kubernetes/onward/templates'))
  .map((name) => read(`deploy/kubernetes/onward/templates/${name}`))
  .join('');
const namesIn = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name = '']) => name));

describe('the chart', () => {
  const names = namesIn(templates, /"((?:ONWARD|TEMPORAL|ENTERPRISE|SFOX|OTEL)_[A-Z_]+)"/g);

  it('sets only what a process reads', () => {
    expect([...names].filter((name) => !isSetting(name))).toEqual([]);
  });

  it('has a value for each setting', () => {
    // The audit log is in the pod's log, from which a cluster collects it. A file is possible by `extraEnv` and a volume.
    const missing = [...documented].filter((name) => !names.has(name) && name !== 'ONWARD_AUDIT_LOG');
    expect(missing).toEqual([]);
  });
});

describe('compose.yml and compose.cloud.yml', () => {
  const text = read('deploy/compose.yml') + read('deploy/compose.cloud.yml');
  const names = namesIn(text, /^ +((?:ONWARD|TEMPORAL|ENTERPRISE|SFOX)_[A-Z_]+):/gm);

  it('set only what a process reads', () => {
    expect(names.size).toBeGreaterThan(10);
    // ONWARD_DOMAIN is the proxy's.
    expect([...names].filter((name) => !isSetting(name) && name !== 'ONWARD_DOMAIN')).toEqual([]);
  });

  it('have a file for each setting that the chart keeps in a secret; the others are read from onward.env', () => {
    const [, keys = ''] = /define "onward.secretKeys"([\s\S]*?)toJson/.exec(templates) ?? [];
    const secrets = [...namesIn(keys, /"([A-Z_]{2,})"/g)];
    expect(secrets).toHaveLength(8);
    expect(secrets.filter((name) => !names.has(`${name}_FILE`))).toEqual([]);
    const environment = services.filter((service) => service.image?.includes('ONWARD_IMAGE'));
    expect(environment.map(({ env_file: file }) => file)).toEqual(environment.map(() => 'onward.env'));
  });
});

describe('the sample settings for Temporal Cloud in docs/deploying.md', () => {
  const [, cloud = ''] = /```sh\n(TEMPORAL_ADDRESS=[\s\S]*?)```/.exec(read('docs/deploying.md')) ?? [];
  const env = Object.fromEntries(
    [...cloud.matchAll(/^(TEMPORAL_\w+)=(\S+)/gm)].map(([, name = '', value = '']) => [name, value]),
  );

  it('are accepted, with an API key and TLS', () => {
    expect(env).toHaveProperty('TEMPORAL_API_KEY');
    const { connectionOptions, namespace } = temporalSettings(env);
    expect(namespace).toBe('onward.a1b2c');
    expect(connectionOptions).toMatchObject({ address: env['TEMPORAL_ADDRESS'], apiKey: env['TEMPORAL_API_KEY'] });
    expect(connectionOptions.tls).toBeTruthy();
  });
});

describeWith('openssl')('deploy/make-secrets.sh (needs openssl)', () => {
  it('makes secrets that a process accepts', () => {
    const made = runTool('sh', [
      '-c',
      'folder="$(mktemp -d)" && cp deploy/make-secrets.sh "$folder" && sh "$folder/make-secrets.sh" > /dev/null &&' +
        ' cat "$folder/secrets/onward_tokens" && echo -- && cat "$folder/secrets/onward_webhook_secrets" && rm -r "$folder"',
    ]);
    // Prometheus Operator puts a secret into a header as it is.
    expect(made).not.toContain('\n--');
    const [givenTokens = '', secret = ''] = made.split('--\n');
    expect(tokens({ ONWARD_TOKENS: givenTokens }).map(({ role }) => role)).toEqual(['app', 'operator', 'viewer']);
    expect(webhookSecrets({ ONWARD_WEBHOOK_SECRETS: secret.trim() })).toEqual([secret.trim()]);
  });
});
