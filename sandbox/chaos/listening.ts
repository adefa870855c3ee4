/** What is knocked at doors with, and what it keeps of their answers: the bodies of all that were errors. */
export function listening(): { readonly fetch: typeof fetch; readonly bodies: string[] } {
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
