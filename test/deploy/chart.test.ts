import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { CHART, environmentOf, find, manifests, podOf, render, samples } from './chart.ts';
import { writeKubernetesSchemas } from './kubernetes-schemas.ts';
import { describeWith, findTool, read, tryTool } from './tools.ts';

it('has sample values for the least and the most, for each kind of access, for another provider, and for workers only', () => {
  expect(samples).toEqual([
    'cloud-api-key.yaml',
    'cloud-mtls.yaml',
    'own-provider.yaml',
    'own-server.yaml',
    'workers-alone.yaml',
  ]);
  expect(read(`${CHART}/Chart.yaml`)).toMatch(/^name: onward$/m);
});

const withHelm = describeWith('helm');
const withSchemas = describeWith('helm', 'kubeconform', 'schemas');

withSchemas('the manifests (needs helm, kubeconform and the schemas of Kubernetes)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'onward-schemas-'));
    writeKubernetesSchemas(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function check(text: string) {
    const file = join(folder, 'rendered.yaml');
    writeFileSync(file, text);
    const location = `${folder}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
    return tryTool('kubeconform', ['-strict', '-summary', '-schema-location', location, file]);
  }

  it.each(samples)('of %s are valid for Kubernetes 1.34 and its operators', (sample) => {
    const { status, text } = check(render(sample));
    expect(text).toContain('Invalid: 0, Errors: 0, Skipped: 0');
    expect(status).toBe(0);
  });

  it('are refused with a property that does not exist', () => {
    const changed = render('own-server.yaml').replace('terminationGracePeriodSeconds:', 'terminationGraceSeconds:');
    const { status, text } = check(changed);
    expect(text).toContain('terminationGraceSeconds');
    expect(status).toBe(1);
  });
});

withHelm('the rendered chart (needs helm)', () => {
  it.each(samples)('runs every pod of %s without privileges', (sample) => {
    const pods = manifests(render(sample)).flatMap(({ spec }) => spec?.template?.spec ?? []);
    expect(pods.length).toBeGreaterThan(0);
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('replays open journeys on the new image before an upgrade, ahead of `setup`', () => {
    const all = manifests(render('own-server.yaml'));
    const [replay, setup] = ['replay', 'setup'].map((name) => find(all, 'Job', `onward-${name}`));
    expect(replay?.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-upgrade', 'helm.sh/hook-weight': '-10' });
    expect(replay?.spec).toMatchObject({ backoffLimit: 0 });
    expect(replay?.spec?.template?.spec.containers[0].command).toEqual(['onward', 'replay', '--limit', '5000']);
    expect(setup?.metadata.annotations).toMatchObject({
      'helm.sh/hook': 'post-install,pre-upgrade,post-upgrade',
      'helm.sh/hook-weight': '0',
    });
  });

  it('upgrades only the workers if the gateway has a tag of its own', () => {
    const all = manifests(render('own-server.yaml', 'image.tag=2.0.0,gateway.tag=1.0.0'));
    const imageOf = (kind: string, name: string) => podOf(all, kind, name)?.containers[0].image.split(':').at(-1);
    expect(imageOf('Deployment', 'onward-worker')).toBe('2.0.0');
    expect(imageOf('Deployment', 'onward-gateway')).toBe('1.0.0');
    expect(imageOf('Job', 'onward-replay')).toBe('2.0.0');
  });

  it('reaches Temporal Cloud with mTLS, configured only by values', () => {
    const environment = environmentOf(podOf(manifests(render('cloud-mtls.yaml')), 'Deployment', 'onward-worker'));
    expect(environment).toMatchObject({
      TEMPORAL_ADDRESS: 'onward.a1b2c.tmprl.cloud:7233',
      TEMPORAL_TLS_CLIENT_CERT_PATH: '/run/temporal-tls/tls.crt',
      TEMPORAL_TLS_CLIENT_KEY_PATH: '/run/temporal-tls/tls.key',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/run/temporal-tls/ca.crt',
    });
  });

  it('makes the PrometheusRule of the file that compose.yml mounts', () => {
    const rule = find(manifests(render('cloud-api-key.yaml')), 'PrometheusRule', 'onward');
    expect(rule?.spec).toEqual(parse(read(`${CHART}/files/alerts.yml`)));
    expect(read('deploy/compose.yml')).toContain('./kubernetes/onward/files/alerts.yml:/etc/prometheus/alerts.yml:ro');
  });

  it('scales workers by the task queue of the journeys, without a second autoscaler', () => {
    const all = manifests(render('cloud-api-key.yaml'));
    expect(find(all, 'ScaledObject', 'onward-worker')?.spec?.['triggers']).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({
          taskQueue: TASK_QUEUE,
          workerDeploymentName: 'onward',
          workerDeploymentBuildId: '2',
        }),
      }),
    ]);
    expect(find(all, 'HorizontalPodAutoscaler', 'onward-worker')).toBeUndefined();
    expect(find(all, 'Deployment', 'onward-worker')?.spec).not.toHaveProperty('replicas');
  });

  it('does not buffer event streams and does not expose the metrics at the Ingress', () => {
    const ingress = find(manifests(render('cloud-api-key.yaml')), 'Ingress', 'onward');
    expect(ingress?.metadata.annotations).toMatchObject({ 'nginx.ingress.kubernetes.io/proxy-buffering': 'off' });
    expect(JSON.stringify(ingress?.spec)).not.toContain('metrics');
  });

  it.each([
    ['an address of Temporal with a scheme', 'temporal.address=https://temporal.example.com', 'temporal/address'],
    ['an unknown value', 'worker.replica=3', 'replica'],
    ['a provider without https', 'provider.baseUrl=http://api.sfox.com', 'provider/baseUrl'],
    ['a build without a deployment', 'worker.versioning.buildId=2', 'both deploymentName and buildId'],
    ['a worker without a provider', 'provider.baseUrl=', 'provider.baseUrl must be'],
    ['a provider without a name', 'provider.module=/provider.mjs', 'both module and id'],
    ['an environment without a colour', 'environment=production', 'environment'],
    ['an unknown key of the policy', 'policy.reconciles.every=1 day', 'policy'],
    ['a wrong value in the policy', 'policy.automaticSends.quietHours.from=9pm', 'policy/automaticSends/quietHours'],
    ['OpenID Connect without an origin', 'oidc.issuer=https://login.example.com', 'oidc.publicUrl must be'],
  ])('refuses %s and names it', (_, setting, named) => {
    const values = ['-f', `${CHART}/ci/own-server.yaml`, '--set-string', setting];
    const { status, text } = tryTool('helm', ['template', CHART, '--kube-version', '1.34.1', ...values]);
    expect(status).not.toBe(0);
    // One version of Helm separates the parts of a path by dots, another by slashes.
    expect(text.replaceAll('.', '/')).toContain(named.replaceAll('.', '/'));
  });
});

it('finds a tool only where it is a program', () => {
  expect(findTool('sh')).toMatch(/\/sh$/);
  expect(findTool('no-such-program')).toBeUndefined();
});
