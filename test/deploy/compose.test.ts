import { existsSync, mkdtempSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { parsePolicy } from '../../client/config/policy-file.ts';
import { root } from '../architecture/imports.ts';
import { describeWith, read, runTool } from './tools.ts';

interface Service {
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly (string | { readonly source: string })[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(read('deploy/compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const isOneOff = (name: string) => ['temporal-schema', 'temporal-namespace', 'setup'].includes(name);

describe('deploy/compose.yml', () => {
  it.each(services)('%s has a read-only root, no capabilities by default, and limits', (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(Object.keys(service.deploy?.resources?.limits ?? {})).toEqual(['cpus', 'memory']);
  });

  it.each(services.filter(([name]) => !isOneOff(name)))('%s has a health check', (_, { healthcheck }) => {
    expect(healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it.each(services.filter(([name]) => isOneOff(name)))(
    '%s ends by itself, and is tried again if it fails',
    (_, { restart }) => {
      expect(restart).toMatch(/^on-failure/);
    },
  );

  it('runs two workers and two gateways', () => {
    expect(compose.services['worker']?.deploy?.replicas).toBe(2);
    expect(compose.services['gateway']?.deploy?.replicas).toBe(2);
  });

  it.each(services)('%s is given each secret that its settings name, and no secret in clear', (_, service) => {
    const environment = Object.entries(service.environment ?? {});
    const files = environment.flatMap(([, value]) => /^\/run\/secrets\/(\w+)$/.exec(value)?.[1] ?? []);
    expect(files.filter((file) => !service.secrets?.includes(file))).toEqual([]);
    expect(environment.filter(([name]) => /(KEY|KEYS|TOKENS|SECRETS?|PASSWORD)$/.test(name))).toEqual([]);
  });

  it('mounts only files that are in the repository', () => {
    const sources = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => (typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source)),
    );
    const files = sources.filter((source) => source.startsWith('./'));
    expect(files.length).toBeGreaterThan(8);
    expect(files.filter((source) => !existsSync(join(root, 'deploy', source)))).toEqual([]);
  });

  it('uses secrets that make-secrets.sh makes', () => {
    const script = read('deploy/make-secrets.sh');
    const names = Object.values(compose.secrets).map(({ file }) => file.replace('./secrets/', ''));
    expect(names.filter((name) => !new RegExp(`^make ${name} |secrets/${name}$`, 'm').test(script))).toEqual([]);
  });

  it('has a policy file that a process accepts', () => {
    expect(parsePolicy(read('deploy/policy.yml')).policy).toMatchObject({ firstEmail: 'send', smsStart: 'automatic' });
  });
});

/** The result of the compose specification's own library for files of `deploy/`. */
function load(...names: readonly string[]): Compose {
  const folder = mkdtempSync(join(tmpdir(), 'onward-compose-'));
  try {
    for (const name of names) cpSync(join(root, 'deploy', name), join(folder, name));
    writeFileSync(join(folder, 'onward.env'), read('deploy/onward.env.example'));
    const files = names.map((name) => join(folder, name));
    return parse(runTool('compose-go', files)) as Compose;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeWith('compose-go')('deploy/compose.yml (needs compose-go)', () => {
  it('is accepted by the compose specification’s own library', () => {
    const { services: loaded } = load('compose.yml');
    expect(Object.keys(loaded).toSorted()).toEqual(Object.keys(compose.services).toSorted());
  });

  it('reaches Temporal Cloud with compose.cloud.yml, without a server of its own', () => {
    const { services: loaded, secrets } = load('compose.yml', 'compose.cloud.yml');
    const processes = ['gateway', 'setup', 'worker'];
    expect(Object.keys(loaded).toSorted()).toEqual([...processes, 'grafana', 'prometheus', 'proxy'].toSorted());
    expect(secrets).not.toHaveProperty('postgresql_password');
    for (const name of processes) {
      const text = JSON.stringify(loaded[name]);
      expect(text).toContain('TEMPORAL_API_KEY_FILE=/run/secrets/temporal_api_key');
      expect(text).toContain('ONWARD_ENCRYPTION_KEYS_FILE=');
      // Both are in onward.env, over which `environment` would have priority.
      expect(text).not.toMatch(/TEMPORAL_(ADDRESS|NAMESPACE)/);
    }
  });
});
