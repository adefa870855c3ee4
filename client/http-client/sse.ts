import type { ReadableStream } from 'node:stream/web';
import { EventSourceParserStream } from 'eventsource-parser/stream';

/** One server-sent event. */
export interface ServerEvent {
  /** The id to resume from; `null` if the event has none. */
  readonly id: string | null;
  readonly data: string;
}

/** A status is about a kilobyte; without a bound, a line that never ends would fill the memory. */
const MAX_BUFFERED_CHARS = 1_048_576;

/**
 * Parses an event stream as the HTML standard defines it.
 *
 * @param onActivity called for each event and each comment, with which the gateway keeps an idle stream open
 * @throws ParseError if an event is longer than a megabyte
 */
export async function* parseEvents(
  body: ReadableStream<Uint8Array>,
  onActivity: () => void,
): AsyncGenerator<ServerEvent, void, undefined> {
  const parser = new EventSourceParserStream({ onComment: onActivity, maxBufferSize: MAX_BUFFERED_CHARS });
  for await (const { id, data } of body.pipeThrough(new TextDecoderStream()).pipeThrough(parser)) {
    onActivity();
    yield { id: id ?? null, data };
  }
}
