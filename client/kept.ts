/**
 * Asks at most once in so many milliseconds, and gives everybody who asks meanwhile the same answer. What has failed is
 * asked again at once.
 */
export function kept<T>(life: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && Date.now() - last.at <= life) return last.answer;
    const asked = { at: Date.now(), answer: ask() };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
}
