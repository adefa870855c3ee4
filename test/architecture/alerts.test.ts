import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { replyKinds } from '../../activities/sfox/attempt-outcome.ts';
import { eventOutcomes } from '../../client/gateway/metrics/signup-metrics.ts';
import { blockerKinds } from '../../client/monitoring/blockers.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const { groups } = parse(readFileSync('deploy/kubernetes/onward/files/alerts.yml', 'utf8')) as {
  groups: { rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

it('use only metrics that a process exports', async () => {
  await gateway.call('GET', '/v1/journeys/summary', { as: 'viewer' });
  const { body } = await gateway.call('GET', '/metrics', { as: 'viewer' });
  // The worker's own is looked for in the tests of its process.
  // A gauge without a value, such as a budget before the first report of a worker, has its type alone.
  const exposed = new Set([...(body as string).matchAll(/^(?:# TYPE )?([a-z_]+)(?=[{ ])/gm)].map(([, name]) => name));
  const used = rules.flatMap(({ expr }) => expr.match(/onward_[a-z_]+/g) ?? []);
  expect(used.length).toBeGreaterThan(rules.length - 2);
  expect(used.filter((name) => !exposed.has(name) && name !== 'onward_provider_replies_total')).toEqual([]);
  const kinds = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/kind=~?"([\w|]+)"/g)].flatMap(([, kinds]) => kinds?.split('|')),
  );
  expect(kinds.filter((kind) => !(blockerKinds as readonly unknown[]).includes(kind))).toEqual([]);
  const replies = rules.flatMap(({ expr }) => /reply=~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []);
  expect(replies.length).toBeGreaterThan(0);
  expect(replies.filter((kind) => !(replyKinds as readonly string[]).includes(kind))).toEqual([]);
});

it.each(rules.map((rule) => [rule.alert, rule] as const))('%s describes the condition and the action', (_, rule) => {
  expect(['page', 'ticket']).toContain(rule.labels.severity);
  expect(rule.annotations.summary).toMatch(/\w+/);
  expect(rule.annotations.description).toMatch(/\w+/);
});

it('OnwardSignUpsIgnored uses outcomes that the gateway counts', () => {
  const { expr = '' } = rules.find(({ alert }) => alert === 'OnwardSignUpsIgnored') ?? {};
  const outcomes = /outcome=~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? [];
  expect(outcomes).toEqual(eventOutcomes.filter((outcome) => outcome !== 'ignored'));
});

it('cover every failure of the provider, and paused recovery', () => {
  const named = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/kind=~?"([\w|]+)"/g)].flatMap(([, kinds]) => kinds?.split('|')),
  );
  expect(named).toEqual(
    expect.arrayContaining(['keyRefused', ...blockerKinds.filter((kind) => /^provider[SFUR](?!efuses)/.test(kind))]),
  );
  expect(rules.find(({ alert }) => alert === 'OnwardRecoveryPaused')).toMatchObject({ for: '15m' });
});
