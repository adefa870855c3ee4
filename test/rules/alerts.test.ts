import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { replyKinds } from '../../activities/kind.ts';
import { stuckKinds } from '../../client/stuck.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const { groups } = parse(readFileSync('docs/alerts.yml', 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

it('ask for nothing but what a process tells', async () => {
  await gateway.call('GET', '/v1/journeys/summary', { as: 'viewer' });
  const { body } = await gateway.call('GET', '/metrics', { as: 'viewer' });
  // The worker's own is looked for in the tests of its process.
  const told = new Set([...(body as string).matchAll(/^([a-z_]+)(?=[{ ])/gm)].map(([name]) => name));
  const asked = rules.flatMap(({ expr }) => expr.match(/onward_[a-z_]+/g) ?? []);
  expect(asked.length).toBeGreaterThan(rules.length - 2);
  expect(asked.filter((name) => !told.has(name) && name !== 'onward_provider_replies_total')).toEqual([]);
  const kinds = rules.flatMap(({ expr }) => [...expr.matchAll(/kind="(\w+)"/g)].map(([, kind]) => kind));
  expect(kinds.filter((kind) => !(stuckKinds as readonly unknown[]).includes(kind))).toEqual([]);
  const replies = rules.flatMap(({ expr }) => /reply=~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []);
  expect(replies.length).toBeGreaterThan(0);
  expect(replies.filter((kind) => !(replyKinds as readonly string[]).includes(kind))).toEqual([]);
});

it.each(rules.map((rule) => [rule.alert, rule] as const))('%s says what it is, and what to do', (_, rule) => {
  expect(['page', 'ticket']).toContain(rule.labels.severity);
  expect(rule.annotations.summary).toMatch(/\w+/);
  expect(rule.annotations.description).toMatch(/\w+/);
});
