/**
 * Wraps `load` so that it runs at most once per `ttl` milliseconds and callers share its result. A failure is not cached.
 */
export function cachedFor<T>(ttl: number, load: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && Date.now() - last.at <= ttl) return last.answer;
    const entry = { at: Date.now(), answer: load() };
    last = entry;
    entry.answer.catch(() => {
      if (last === entry) last = undefined;
    });
    return entry.answer;
  };
}
