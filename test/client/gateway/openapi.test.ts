import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createErrorsPage } from '../../../client/docs/errors-page.ts';
import { catalogue } from '../../../client/gateway/plugins/problems.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean }[];
  readonly requestBody?: { required?: boolean; content: Record<string, object> };
  readonly responses: Record<
    string,
    { description: string; headers?: Record<string, object>; content?: Record<string, { schema: object }> }
  >;
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
    expect(operations().filter(({ description }) => !description)).toEqual([]);
    expect(operations().filter(({ tags }) => tags?.length !== 1)).toEqual([]);
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
        .filter(([status, { content, description }]) => (content === undefined) !== (status === '204') || !description)
        .map(([status]) => `${operationId} ${status}`),
    );
    expect(bare).toEqual([]);
  });
});

describe('what clients are generated from', () => {
  it('passes the recommended rules of Redocly without a warning', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      writeFileSync(file, JSON.stringify(document));
      const cli = [
        'node_modules/@redocly/cli/bin/cli.js',
        'lint',
        file,
        '--extends',
        'recommended',
        '--format',
        'json',
      ];
      const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
      const { stdout } = await promisify(execFile)(process.execPath, cli, { env });
      const { totals, problems } = JSON.parse(stdout) as { totals: object; problems: { message: string }[] };
      expect(problems.map(({ message }) => message)).toEqual([]);
      expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has the signed request of a sign-up event', () => {
    const { parameters, requestBody } = document.paths['/v1/events']?.['post'] ?? {};
    const headers = parameters?.filter((parameter) => parameter.in === 'header' && parameter.required === true);
    expect(headers?.map(({ name }) => name)).toEqual(['webhook-id', 'webhook-timestamp', 'webhook-signature']);
    expect(requestBody?.required).toBe(true);
    expect(Object.keys(requestBody?.content ?? {})).toEqual(['application/json', 'application/cloudevents+json']);
  });

  it('declares Retry-After on every problem that asks to retry later', () => {
    const without = operations().flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([status, { content }]) => ['429', '503'].includes(status) && content?.['application/problem+json'])
        .filter(([, { headers }]) => headers?.['Retry-After'] === undefined)
        .map(([status]) => `${operationId} ${status}`),
    );
    expect(without).toEqual([]);
  });

  it('says of every operation whether it needs authentication', () => {
    const open = operations().filter(({ security }) => security.length === 0);
    expect(open.map(({ operationId }) => operationId).toSorted()).toEqual([
      'beginOidcLogin',
      'health',
      'logIn',
      'logOut',
      'oidcProvider',
      'openapi',
      'readiness',
      'receiptKeys',
    ]);
  });

  it('has no schema that nothing refers to', () => {
    const text = JSON.stringify(document);
    const unused = Object.keys(document.components.schemas).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    );
    expect(unused).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const written = readFileSync('docs/errors.md', 'utf8');

  it('is what the catalogue says', () => {
    expect(written === createErrorsPage() || 'docs/errors.md is stale: run npm run docs').toBe(true);
  });

  it('has every code, and none that is not there', () => {
    const named = [...written.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
    expect(named).toEqual(Object.keys(catalogue));
  });
});
