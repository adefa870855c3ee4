import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { csvLine } from '../presentation/csv.ts';

/** The response schema of a route that streams CSV. */
export const csvResponse = (columns: readonly string[], item: string) => ({
  description: `The header \`${columns.join(',')}\`, then a line for each ${item}. If Temporal fails midway, the connection is closed before the end.`,
  content: { 'text/csv': { schema: z.string() } },
});

interface Csv<Item> {
  readonly columns: readonly string[];
  readonly pages: AsyncGenerator<readonly Item[], void, undefined>;
  readonly toLine: (item: Item) => string;
  /** The name under which a browser saves the file. */
  readonly fileName: string;
}

/** Streams pages of items as CSV. */
export async function sendCsv<Item>(reply: FastifyReply, { columns, pages, toLine, fileName }: Csv<Item>) {
  // A failure of the first page is still a problem; later ones can only end the stream.
  const first = await pages.next();
  const text = async function* () {
    yield csvLine(columns);
    if (first.done !== true) yield first.value.map(toLine).join('');
    for await (const items of pages) yield items.map(toLine).join('');
  };
  // The schema describes the text; Fastify sends a stream as it is.
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .send(Readable.from(text()));
}
