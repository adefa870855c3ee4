import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../architecture/imports.ts';
import { runTool } from './tools.ts';

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext: object;
}
export interface PodSpec {
  readonly securityContext: object;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly secret?: { readonly items?: readonly { readonly key: string }[] } }[];
}
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } } & Readonly<Record<string, unknown>>;
}

export const CHART = 'deploy/kubernetes/onward';
/** The values in `ci/`, with which every test renders the chart. */
export const samples = readdirSync(join(root, CHART, 'ci')).toSorted();

const cache = new Map<string, string>();
/** Renders the chart with a sample, and with further values in the form of `--set`. */
export function render(sample: string, set = ''): string {
  const args = ['template', 'onward', CHART, '--kube-version', '1.34.1', '-f', `${CHART}/ci/${sample}`, '--set', set];
  const key = `${sample} ${set}`;
  const text = cache.get(key) ?? runTool('helm', args);
  cache.set(key, text);
  return text;
}

export const manifests = (text: string) =>
  parseAllDocuments(text).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
export const find = (all: readonly Manifest[], kind: string, name: string) =>
  all.find(({ kind: each, metadata }) => each === kind && metadata.name === name);
export const podOf = (all: readonly Manifest[], kind: string, name: string) =>
  find(all, kind, name)?.spec?.template?.spec;
export const environmentOf = (pod: PodSpec | undefined) =>
  Object.fromEntries((pod?.containers[0].env ?? []).map(({ name, value }) => [name, value]));
export const secretKeysOf = (pod: PodSpec | undefined) =>
  pod?.volumes.flatMap(({ secret }) => secret?.items?.map(({ key }) => key) ?? []).toSorted();
