import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SCHEMAS } from './tools.ts';

type Schema = { readonly [key: string]: unknown };

/** A property that Kubernetes' OpenAPI document does not list is an error. */
const strict = (schema: Schema): Schema =>
  'properties' in schema &&
  !('additionalProperties' in schema) &&
  schema['x-kubernetes-preserve-unknown-fields'] !== true
    ? { ...schema, additionalProperties: false }
    : schema;

const anyScalar = { anyOf: [{ type: 'string' }, { type: 'number' }] };

/** Rewrites a schema and all inside it. A map of properties is not a schema itself, although it may have a property `properties`. */
function convert(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(convert);
  if (typeof schema !== 'object' || schema === null) return schema;
  const given = schema as Schema;
  if (given['format'] === 'int-or-string' || given['x-kubernetes-int-or-string'] === true) return anyScalar;
  const entries = Object.entries(strict(given)).map(([key, value]) => [
    key,
    key === 'properties'
      ? Object.fromEntries(Object.entries(value as Schema).map(([name, each]) => [name, convert(each)]))
      : convert(value),
  ]);
  return Object.fromEntries(entries);
}

/** Writes a strict JSON schema for each kind, under the names that kubeconform asks for, such as `deployment-apps-v1.json`. */
export function writeKubernetesSchemas(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (kind: string, group: string, version: string, schema: unknown) => {
    const suffix = [group.split('.')[0] ?? '', version].filter((part) => part !== '').join('-');
    writeFileSync(join(folder, `${kind.toLowerCase()}-${suffix}.json`), JSON.stringify(schema));
  };
  const { definitions } = JSON.parse(readFileSync(join(SCHEMAS, 'swagger.json'), 'utf8')) as {
    definitions: Record<string, Schema>;
  };
  const converted = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, convert(schema)]));
  const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
  const all = { ...converted, [quantity]: anyScalar };
  writeFileSync(join(folder, 'definitions.json'), JSON.stringify({ definitions: all }));
  for (const [name, schema] of Object.entries(definitions)) {
    const [kind] = (schema['x-kubernetes-group-version-kind'] ?? []) as {
      group: string;
      kind: string;
      version: string;
    }[];
    if (kind === undefined || name.includes('apimachinery')) continue;
    write(kind.kind, kind.group, kind.version, { $ref: `file://${folder}/definitions.json#/definitions/${name}` });
  }
  for (const file of readdirSync(SCHEMAS).filter((name) => name.endsWith('.yaml'))) {
    const { spec } = parse(readFileSync(join(SCHEMAS, file), 'utf8')) as {
      spec: {
        group: string;
        names: { kind: string };
        versions: { name: string; schema: { openAPIV3Schema: { properties: Schema } } }[];
      };
    };
    for (const { name, schema } of spec.versions) {
      const own = schema.openAPIV3Schema;
      const properties = { ...own.properties, metadata: { type: 'object', additionalProperties: true } };
      write(spec.names.kind, spec.group, name, convert({ ...own, properties }));
    }
  }
}
