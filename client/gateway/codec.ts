import cors from '@fastify/cors';
import { z } from 'zod';
import type { Codec } from '../codec.ts';
import { refusals } from './problems.ts';
import { json, withBody, secured } from './routes.ts';
import type { App } from './routes.ts';

export interface CodecOptions {
  readonly codec: Codec;
  /** Where Temporal's own pages are served from, which ask from a browser; none but these may. */
  readonly origins: readonly string[];
}

/** A page of a long history in one call. */
const LONGEST_BODY = 4 * 1_024 * 1_024;

const Payloads = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() })),
});

/** The doors for Temporal's pages and command line (https://docs.temporal.io/codec-server). */
export async function codec(app: App, { codec, origins }: CodecOptions): Promise<void> {
  if (origins.length > 0) {
    const allowedHeaders = ['authorization', 'content-type', 'x-namespace'];
    await app.register(cors, { origin: [...origins], methods: ['POST'], allowedHeaders, credentials: true });
  }
  for (const act of ['encode', 'decode'] as const) {
    app.post(
      `/${act}`,
      {
        config: { roles: ['operator'], origins },
        bodyLimit: LONGEST_BODY,
        schema: {
          operationId: act,
          tags: ['operating'],
          summary: `Has Temporal’s payloads ${act}d`,
          description: 'For the role operator. Temporal’s remote codec protocol.',
          security: secured,
          response: { 200: json('The payloads, in the same order.', Payloads), ...refusals(...withBody) },
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
