import { ReadableStream } from 'node:stream/web';
import { describe, expect, it } from '@jest/globals';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { parseEvents } from '../../../client/http-client/sse.ts';
import type { ServerEvent } from '../../../client/http-client/sse.ts';

/** A stream of these bytes, in chunks that end at the given places. */
function chunked(bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const ends = [...new Set([...cuts, bytes.length])].toSorted((one, other) => one - other);
  return new ReadableStream({
    start(controller) {
      let from = 0;
      for (const end of ends) {
        if (end > from) controller.enqueue(bytes.subarray(from, end));
        from = end;
      }
      controller.close();
    },
  });
}

async function all(events: AsyncIterable<ServerEvent>): Promise<ServerEvent[]> {
  const found: ServerEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

async function parsed(text: string, cuts: readonly number[] = []): Promise<ServerEvent[]> {
  return all(parseEvents(chunked(new TextEncoder().encode(text), cuts), () => {}));
}

const text =
  'id: 41\nevent: status\ndata: {"to":"a•••@e•••"}\n\n: still here\n\nid: 42\ndata: one\ndata: two\n\ndata: three\n\n';
const events = [
  { id: '41', data: '{"to":"a•••@e•••"}' },
  { id: '42', data: 'one\ntwo' },
  { id: null, data: 'three' },
];

describe('an event stream', () => {
  it.each([
    ['line feeds', '\n'],
    ['carriage returns with line feeds', '\r\n'],
  ])('with %s gives the same events wherever it is cut', async (_, end) => {
    const written = text.replaceAll('\n', end);
    const { length } = new TextEncoder().encode(written);
    for (let cut = 0; cut <= length; cut += 1) expect([cut, await parsed(written, [cut])]).toEqual([cut, events]);
    expect(
      await parsed(
        written,
        Array.from({ length }, (__, at) => at),
      ),
    ).toEqual(events);
    await assert(
      asyncProperty(array(nat({ max: length })), async (cuts) => {
        expect(await parsed(written, cuts)).toEqual(events);
      }),
    );
  });

  it('with only carriage returns as line ends is parsed into its events', async () => {
    // The last one is not whole until the next line begins: a line feed may follow the carriage return.
    const written = `${text}: bye\n`.replaceAll('\n', '\r');
    const { length } = new TextEncoder().encode(written);
    for (let cut = 0; cut <= length; cut += 1) expect(await parsed(written, [cut])).toEqual(events);
  });

  it('may begin with a byte order mark', async () => {
    for (const cut of [0, 1, 2, 3]) expect(await parsed(`\uFEFF${text}`, [cut])).toEqual(events);
  });

  it('yields no event that is cut off', async () => {
    expect(await parsed('id: 1\ndata: whole\n\nid: 2\ndata: half\n')).toEqual([{ id: '1', data: 'whole' }]);
  });
});

it('reports comments and events as activity', async () => {
  let count = 0;
  const bytes = new TextEncoder().encode(': still here\n\ndata: x\n\n');
  expect(await all(parseEvents(chunked(bytes, []), () => (count += 1)))).toHaveLength(1);
  expect(count).toBe(2);
});
