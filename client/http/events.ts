/** One server-sent event. */
export interface ServerEvent {
  /** What to resume from; `null` where the event has none. */
  readonly id: string | null;
  readonly data: string;
}

/** Reads the events of a stream, as the HTML standard writes them. Comments, which keep a connection open, are passed over. */
export async function* eventsIn(
  body: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    heard();
    rest = `${rest}${decoder.decode(chunk, { stream: true })}`.replace(/\r\n?/g, '\n');
    const blocks = rest.split('\n\n');
    // What follows the last blank line is not whole yet.
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const lines = block.split('\n');
  const valuesOf = (field: string) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ''));
  const data = valuesOf('data');
  return data.length === 0 ? undefined : { id: valuesOf('id').at(-1) ?? null, data: data.join('\n') };
}
