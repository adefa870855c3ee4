import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { deploymentEnvironment } from '../../client/config/deployment-environment.ts';
import { logLevel } from '../../client/config/env.ts';
import { oidcSettings } from '../../client/config/oidc-settings.ts';
import { parsePolicy, PolicyFile } from '../../client/config/policy-file.ts';
import { providerId, providerIdentity } from '../../client/config/provider-settings.ts';
import { codecOrigins, temporalUi } from '../../client/gateway/config.ts';
import { trustedProxies } from '../../client/gateway/trusted-proxies.ts';
import { CHART, environmentOf, find, manifests, podOf, render, samples, secretKeysOf } from './chart.ts';
import { describeWith, read } from './tools.ts';

/** Which process reads a setting, in the table of docs/operating.md. */
const readBy = new Map(
  [...read('docs/operating.md').matchAll(/^\| (`[A-Z][^|]+) \| +(worker|gateway|both) /gm)].flatMap(
    ([, names = '', process = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, process] as const),
  ),
);

it('finds the processes in the table', () => {
  expect(readBy.get('ENTERPRISE_API_KEY')).toBe('worker');
  expect(readBy.get('ONWARD_OIDC_CLIENT_SECRET')).toBe('gateway');
});

it('has a schema of the policy that is that of the policy file', () => {
  const schema = z.toJSONSchema(PolicyFile, { io: 'input', target: 'draft-7' });
  const values = JSON.parse(read(`${CHART}/values.schema.json`));
  expect({ $schema: schema.$schema, ...values.properties.policy }).toEqual(schema);
});

describeWith('helm')('the settings of the rendered chart (needs helm)', () => {
  it('gives each process only the secrets that it reads', () => {
    const all = manifests(render('cloud-api-key.yaml'));
    const common = ['ONWARD_ENCRYPTION_KEYS', 'ONWARD_STATUS_SECRET', 'TEMPORAL_API_KEY'];
    const gateways = ['ONWARD_OIDC_CLIENT_SECRET', 'ONWARD_RECEIPT_KEYS', 'ONWARD_TOKENS', 'ONWARD_WEBHOOK_SECRETS'];
    const expected = { worker: ['ENTERPRISE_API_KEY', ...common], gateway: [...common, ...gateways].toSorted() };
    expect(secretKeysOf(podOf(all, 'Deployment', 'onward-worker'))).toEqual(expected.worker);
    expect(secretKeysOf(podOf(all, 'Deployment', 'onward-gateway'))).toEqual(expected.gateway);
    expect(secretKeysOf(podOf(all, 'Job', 'onward-replay'))).toEqual(['ONWARD_ENCRYPTION_KEYS', 'TEMPORAL_API_KEY']);
    const external = find(all, 'ExternalSecret', 'onward')?.spec?.['data'] as readonly { readonly secretKey: string }[];
    expect(external.map(({ secretKey }) => secretKey).toSorted()).toEqual(
      [...new Set([...expected.worker, ...expected.gateway, 'METRICS_TOKEN'])].toSorted(),
    );
  });

  it('asks for no secret of what is not used', () => {
    const all = manifests(render('own-server.yaml'));
    expect(secretKeysOf(podOf(all, 'Deployment', 'onward-worker'))).toEqual([
      'ENTERPRISE_API_KEY',
      'ONWARD_ENCRYPTION_KEYS',
    ]);
    expect(secretKeysOf(podOf(all, 'Deployment', 'onward-gateway'))).toEqual([
      'ONWARD_ENCRYPTION_KEYS',
      'ONWARD_TOKENS',
      'ONWARD_WEBHOOK_SECRETS',
    ]);
  });

  it.each(samples)('gives each process of %s no variable of the other', (sample) => {
    const all = manifests(render(sample));
    for (const [kind, other] of [
      ['worker', 'gateway'],
      ['gateway', 'worker'],
    ] as const) {
      const names = Object.keys(environmentOf(podOf(all, 'Deployment', `onward-${kind}`)));
      expect(names.filter((name) => readBy.get(name.replace(/_FILE$/, '')) === other)).toEqual([]);
    }
  });

  it.each(samples)('gives each pod of %s each variable once', (sample) => {
    const pods = manifests(render(sample)).flatMap(({ spec }) => spec?.template?.spec ?? []);
    for (const { containers } of pods) {
      const names = containers[0].env.map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
    }
  });

  it('gives the processes values that they accept', () => {
    const all = manifests(render('cloud-api-key.yaml'));
    const gateway = environmentOf(podOf(all, 'Deployment', 'onward-gateway'));
    const worker = environmentOf(podOf(all, 'Deployment', 'onward-worker'));
    const oidc = oidcSettings({ ...gateway, ONWARD_OIDC_CLIENT_SECRET: 'secret' });
    expect(oidc?.roles).toEqual(
      new Map([
        ['onward-operators', 'operator'],
        ['onward-viewers', 'viewer'],
      ]),
    );
    expect(deploymentEnvironment(gateway)).toEqual({ name: 'staging', colour: 'yellow' });
    expect(codecOrigins(gateway)).toEqual(['https://cloud.temporal.io']);
    expect(temporalUi(gateway)).toBe('https://cloud.temporal.io');
    expect(trustedProxies(gateway)).toEqual(['10.0.0.0/8']);
    expect(providerIdentity(worker)).toEqual({
      id: 'https://api.staging.sfox.com',
      formerIds: ['https://api.example.com'],
    });
    // `extraEnv` has priority.
    expect(logLevel(worker)).toBe('debug');
    const { data } = find(all, 'ConfigMap', 'onward-policy') ?? {};
    const { policy, quietHours, reconcile, sendBudget } = parsePolicy(data?.['policy.yml'] ?? '');
    expect(policy.firstEmail).toBe('alreadySent');
    expect(quietHours).toMatchObject({ timeZone: 'Europe/London' });
    expect(reconcile.every).toBe(24 * 3_600_000);
    expect(sendBudget.sms.perDay).toBe(2_000_000);
  });

  it('trusts only the Ingress controller, and no proxy without one', () => {
    const trustOf = (set: string) =>
      trustedProxies(environmentOf(podOf(manifests(render('own-server.yaml', set)), 'Deployment', 'onward-gateway')));
    expect(trustOf('')).toEqual(trustedProxies({}));
    expect(trustOf('ingress.enabled=true')).toEqual(trustedProxies({ ONWARD_TRUST_PROXY: '1' }));
  });

  it('runs another provider, which gateways know by its name', () => {
    const all = manifests(render('own-provider.yaml'));
    const worker = podOf(all, 'Deployment', 'onward-worker');
    expect(environmentOf(worker)).toMatchObject({ ONWARD_PROVIDER: '/etc/onward-provider/provider.mjs' });
    expect(secretKeysOf(worker)).toEqual(['ONWARD_ENCRYPTION_KEYS']);
    expect(providerIdentity(environmentOf(worker)).id).toBe('shop');
    expect(providerId(environmentOf(podOf(all, 'Deployment', 'onward-gateway')))).toBe('shop');
  });
});
