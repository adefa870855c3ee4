import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorsDocument } from '../../client/gateway/document.ts';
import { catalogue } from '../../client/gateway/problems.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Record<string, { description: string; content: Record<string, { schema: object }> }>;
}

let gateway: Gateway;
let document: {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { examples?: unknown[] }> };
};
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true });
  document = (await gateway.call('GET', '/openapi.json', { as: null })).body;
});
afterAll(() => gateway?.close());

const operations = () => Object.values(document.paths).flatMap((path) => Object.values(path));

describe('the OpenAPI document', () => {
  it('is valid as 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  });

  it('names every operation, once', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(ids.filter((id) => id === undefined)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations().filter(({ summary }) => !summary)).toEqual([]);
  });

  it('has every error code but the one that must not happen, with an example', () => {
    const text = JSON.stringify(document.paths);
    const codes = Object.keys(catalogue).filter((code) => code !== 'internal');
    expect(codes.filter((code) => !text.includes(`Problem_${code}`))).toEqual([]);
    const { schemas } = document.components;
    expect(codes.filter((code) => (schemas[`Problem_${code}`]?.examples ?? []).length === 0)).toEqual([]);
  });

  it('describes every reply of every operation', () => {
    const bare = operations().flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([, { content, description }]) => content === undefined || description === '')
        .map(([status]) => `${operationId} ${status}`),
    );
    expect(bare).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const written = readFileSync('docs/errors.md', 'utf8');

  it('is what the catalogue says', () => {
    expect(written === errorsDocument() || 'docs/errors.md is stale: run npm run docs').toBe(true);
  });

  it('has every code, and none that is not there', () => {
    const named = [...written.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
    expect(named).toEqual(Object.keys(catalogue));
  });
});
