import cors from '@fastify/cors';
import { z } from 'zod';
import type { Codec } from '../../temporal/codec-server.ts';
import { problemResponses } from '../plugins/problems.ts';
import { json, requiresRole, secured, withBody } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';

export interface CodecOptions {
  readonly codec: Codec;
  /** The origins of Temporal's UI, whose pages may call the codec from a browser. */
  readonly origins: readonly string[];
}

/** A page of a long history in one call. */
const MAX_BODY_BYTES = 4 * 1_024 * 1_024;

const Payloads = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() })),
});

/** Codec server routes for Temporal's Web UI and CLI (https://docs.temporal.io/codec-server). */
export async function codecRoutes(app: App, { codec, origins }: CodecOptions): Promise<void> {
  if (origins.length > 0) {
    const allowedHeaders = ['authorization', 'content-type', 'x-namespace'];
    await app.register(cors, { origin: [...origins], methods: ['POST'], allowedHeaders, credentials: true });
  }
  for (const act of ['encode', 'decode'] as const) {
    app.post(
      `/${act}`,
      {
        config: { roles: ['operator'], origins, act: act === 'encode' ? 'encodePayloads' : 'decodePayloads' },
        bodyLimit: MAX_BODY_BYTES,
        schema: {
          operationId: act,
          tags: ['operating'],
          summary: act === 'encode' ? 'Encrypts Temporal payloads.' : 'Decrypts Temporal payloads.',
          description: `Temporal’s remote codec protocol. ${requiresRole('operator')}`,
          security: secured,
          response: {
            200: json('The payloads in the same order.', Payloads),
            ...problemResponses(...withBody, 'unavailable'),
          },
        },
      },
      async ({ body }, reply) =>
        reply
          .serializer(JSON.stringify)
          .type('application/json')
          .send((await codec[act](body)) as never),
    );
  }
}
