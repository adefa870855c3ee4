import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse } from 'yaml';
import { replyKinds } from '../../activities/sfox/attempt-outcome.ts';
import { blockerKinds } from '../../client/monitoring/blockers.ts';
import { undeliveredStates } from '../../workflows/contract.ts';
import { steps } from '../../workflows/journey/context.ts';
import { states } from '../../workflows/journey/status/status.ts';
import { describeWith, read, runTool } from './tools.ts';
import { root } from '../architecture/imports.ts';

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}

const RULES = 'deploy/kubernetes/onward/files/alerts.yml';
const files = ['onboarding', 'processes'] as const;
const dashboards = files.map((name) => JSON.parse(read(`deploy/grafana/${name}.json`)) as Dashboard);
const panels = dashboards.flatMap((dashboard) => dashboard.panels).filter(({ type }) => type !== 'row');
const { groups } = parse(read(RULES)) as { groups: { rules: { alert: string; expr: string }[] }[] };
const ofAlerts = groups.flatMap(({ rules }) => rules).map(({ alert, expr }) => ({ name: alert, expr }));
const ofPanels = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ name: title, expr })));
const queries = [...ofAlerts, ...ofPanels];

/** The metrics that our code declares: string literals in the only modules that create metrics. */
function ownMetrics(): string[] {
  const folder = 'client/gateway/metrics';
  const paths = [
    ...readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
    'worker/health/metrics.ts',
    'workflows/journey-metrics.ts',
  ];
  return paths.flatMap((path) => [...read(path).matchAll(/'(onward_[a-z_]+)'/g)].map(([, name = '']) => name));
}

/** The metrics of Temporal's native core, in its sources, which its package contains. */
function coreMetrics(): string[] {
  const crates = 'node_modules/@temporalio/core-bridge/sdk-core/crates';
  const sources = ['common', 'sdk-core'].map((crate) =>
    readFileSync(join(root, crates, crate, 'src/telemetry/metrics.rs'), 'utf8'),
  );
  const literal = /(?:name: |_NAME: &str =\s+)"([a-z_]+)"/g;
  return sources.flatMap((source) => [...source.matchAll(literal)].map(([, name = '']) => `temporal_${name}`));
}

async function processMetrics(): Promise<string[]> {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return (await register.getMetricsAsJSON()).map(({ name }) => name);
}

const namesIn = (expr: string) =>
  [...expr.matchAll(/\b((?:onward|temporal|process|nodejs)_[a-z0-9_]+|[a-z][a-z0-9_]*(?=\s*[{[]))/g)].map(
    ([, name = '']) => name,
  );

const known = new Set([...ownMetrics(), ...coreMetrics(), ...(await processMetrics()), 'up']);
const exists = (name: string) => known.has(name) || known.has(name.replace(/_(bucket|sum|count)$/, ''));

describe('metrics of dashboards and alerts', () => {
  it('finds the metrics that the code declares', () => {
    expect(ownMetrics().length).toBeGreaterThan(10);
    expect(coreMetrics().length).toBeGreaterThan(20);
    expect(exists('onward_invented_total')).toBe(false);
    expect(namesIn('sum(rate(invented{a="b"}[5m]))')).toEqual(['invented']);
  });

  it.each(queries)('$name queries only metrics that a process exports', ({ expr }) => {
    const names = namesIn(expr);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !exists(name))).toEqual([]);
  });

  it('uses only label values that the code produces', () => {
    const values: Readonly<Record<string, readonly string[]>> = {
      kind: blockerKinds,
      reply: replyKinds,
      state: [...states, ...undeliveredStates],
      step: steps,
      job: ['onward-gateway', 'onward-worker'],
      call: ['send', 'confirm', 'read'],
    };
    const given = queries.flatMap(({ expr }) =>
      [...expr.matchAll(/\b(kind|reply|state|step|job|call)=~?"([\w|-]+)"/g)].flatMap(([, label = '', texts = '']) =>
        texts.split('|').map((text) => ({ label, text })),
      ),
    );
    expect(given.length).toBeGreaterThan(30);
    expect(given.filter(({ label, text }) => !(values[label] ?? []).includes(text))).toEqual([]);
  });

  it('describes every panel', () => {
    expect(panels.length).toBeGreaterThan(30);
    expect(panels.filter(({ description = '' }) => description === '').map(({ title }) => title)).toEqual([]);
    expect(dashboards.map(({ uid }) => uid)).toEqual(['onward-onboarding', 'onward-processes']);
  });
});

describeWith('prometheus-check')('rules and queries (needs prometheus-check)', () => {
  it('are accepted by Prometheus’ own parsers', () => {
    const expressions = ofPanels.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m'));
    expect(runTool('prometheus-check', [RULES], expressions.join('\n'))).toBe(
      `${ofAlerts.length} rules, ${expressions.length} expressions\n`,
    );
  });
});
