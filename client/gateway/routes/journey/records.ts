import { z } from 'zod';
import type { Onward } from '../../../onward.ts';
import { jwksOf } from '../../../receipts/keys.ts';
import type { ReceiptKey } from '../../../receipts/keys.ts';
import { PAGE_POLICY, renderReceipt } from '../../../receipts/page.ts';
import { ProblemError, problemResponses } from '../../plugins/problems.ts';
import { about, requireRole, json, USER } from '../../route-helpers.ts';
import type { App } from '../../route-helpers.ts';
import { ExportQuery, JourneyExport } from '../../schemas/exports.ts';
import { Jwks, Receipt } from '../../schemas/receipts.ts';

export interface JourneyRecordOptions {
  readonly onward: Onward;
  /** The first one signs. Without keys there are no receipts. */
  readonly receiptKeys: readonly ReceiptKey[];
}

/** How long verifiers may keep the public keys, in seconds. */
const JWKS_MAX_AGE_S = 300;

/** Registers the routes that read a whole journey: its receipt, the keys of receipts, and its export as a test. */
export async function journeyRecordRoutes(app: App, options: JourneyRecordOptions): Promise<void> {
  receiptRoute(app, options);
  jwksRoute(app, options);
  exportRoute(app, options.onward);
}

function receiptRoute(app: App, { onward, receiptKeys: [key] }: JourneyRecordOptions): void {
  app.get(
    `${USER}/receipt`,
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about(
          ['viewer', 'operator'],
          'receipt',
          'Returns signed evidence of what was verified, when and how.',
          'Verify it offline with the keys of `/.well-known/jwks.json`. With `Accept: text/html`, returns a page to read.',
        ),
        response: {
          200: {
            description: 'The receipt of the journey so far.',
            content: { 'application/json': { schema: Receipt }, 'text/html': { schema: z.string() } },
          },
          ...problemResponses(...requireRole, 'not_found', 'log_incomplete', 'unavailable'),
        },
      },
    },
    async ({ params, headers }, reply) => {
      if (key === undefined) throw new ProblemError('not_found', 'no receipts: the gateway has no ONWARD_RECEIPT_KEYS');
      const receipt = await onward.receipt(params.id, key);
      if (headers.accept?.includes('text/html') !== true) return receipt;
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', PAGE_POLICY)
        .serializer(String)
        .send(renderReceipt(receipt));
    },
  );
}

function jwksRoute(app: App, { receiptKeys }: JourneyRecordOptions): void {
  const keys = jwksOf(receiptKeys);
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'receiptKeys',
        tags: ['journey'],
        summary: 'Returns the public keys that receipts are verified with.',
        description: 'Retired keys are included. Requires no token.',
        response: { 200: json('A JSON Web Key Set (RFC 7517).', Jwks), ...problemResponses('bad_request') },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${JWKS_MAX_AGE_S}`);
      return keys;
    },
  );
}

function exportRoute(app: App, onward: Onward): void {
  app.get(
    `${USER}/export`,
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about(
          ['viewer', 'operator'],
          'export',
          'Exports a journey up to a moment as a test.',
          'The file is anonymised: no user id, no names of callers, no hints of addresses.',
        ),
        querystring: ExportQuery,
        response: {
          200: json('The exported journey.', JourneyExport),
          ...problemResponses(...requireRole, 'not_found', 'log_incomplete', 'unavailable'),
        },
      },
    },
    async ({ params: { id }, query: { at, texts } }, reply) => {
      const exported = await onward.export(id, { at, keepsTexts: texts === 'keep' });
      const name = `${exported.status.state}-${exported.status.revision}.json`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      return exported;
    },
  );
}
