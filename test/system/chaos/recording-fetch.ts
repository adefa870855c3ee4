/** A `fetch` that records the bodies of all error replies. */
export function createRecordingFetch(): { readonly fetch: typeof fetch; readonly bodies: string[] } {
  const bodies: string[] = [];
  return {
    bodies,
    async fetch(input, init) {
      const reply = await fetch(input, init);
      if (!reply.ok) bodies.push(await reply.clone().text());
      return reply;
    },
  };
}
